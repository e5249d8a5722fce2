import type { CallOptions } from '../../store/store.ts';
import type { AccessKeys, KeySource } from '../bucket/xml-protocol/access-keys.ts';
import { SharedWork } from '../../http/shared-work.ts';

/** Keys as they were found, with the time at which they end. */
export interface FoundKeys extends AccessKeys {
  /** Milliseconds since the epoch. Without it they hold until the service says otherwise. */
  readonly expires?: number | undefined;
}

/** Keys are renewed this long before they expire, in milliseconds. */
const renewalTime = 5 * 60_000;

/** Keys that are looked for when they are needed, and again before they expire; once for all who wait. */
export class RenewedKeys implements KeySource {
  readonly #find: () => Promise<FoundKeys>;
  readonly #search: SharedWork<FoundKeys> = new SharedWork();
  #found: FoundKeys | undefined;
  #expired: AccessKeys | undefined;

  constructor(find: () => Promise<FoundKeys>) {
    this.#find = find;
  }

  /** See `KeySource.current`. Keys that are still good serve on where no others can be had. */
  async current({ signal }: CallOptions = {}): Promise<AccessKeys> {
    const found = this.#found;
    if (found !== undefined && timeLeft(found) > renewalTime) return found;
    try {
      return (this.#found = await this.#search.do('keys', this.#find, signal));
    } catch (error) {
      signal?.throwIfAborted();
      if (found !== undefined && timeLeft(found) > 0) return found;
      throw error;
    }
  }

  /** See `KeySource.expired`. The same keys found anew are no reason to ask again, until the next call. */
  expired(keys: AccessKeys): boolean {
    if (this.#found !== undefined && isSame(keys, this.#found)) this.#found = undefined;
    if (this.#expired !== undefined && isSame(keys, this.#expired)) return false;
    this.#expired = keys;
    return true;
  }
}

function timeLeft({ expires = Infinity }: FoundKeys): number {
  return expires - Date.now();
}

function isSame(a: AccessKeys, b: AccessKeys): boolean {
  return a.id === b.id && a.secret === b.secret && a.sessionToken === b.sessionToken;
}
