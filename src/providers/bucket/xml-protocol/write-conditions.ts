import { isStoreError, StoreError } from '../../../store/errors.ts';
import type { HttpHeaders } from '../../../http/http-request.ts';
import type { CallOptions } from '../../../store/store.ts';
import { faultOf } from './service-fault.ts';
import { conditionHeaders } from './stored-headers.ts';

/** A conditional change of one key. */
export interface ConditionalChange extends CallOptions {
  /** The revision that is replaced, or null: there is none. Undefined: no condition. */
  readonly ifRevision: string | null | undefined;
  /** The current revision, or null. */
  readonly current: () => Promise<string | null>;
  /** It costs little to make the change a second time, so a creation may find out what the service does. @default false */
  readonly isCheap?: boolean | undefined;
}

/**
 * Keeps `ifRevision`. In `atomic` mode the service does it, by If-Match and If-None-Match. In `checked` mode the revision is
 * looked at just before the change, and the condition still goes along, which closes the window where the service understands
 * it. Not all do: Swift answers 501, and some versions of Ceph refuse every If-Match. What a service gets wrong is not sent
 * again as long as this lives.
 *
 * The look before a creation costs a round trip for each new file. So the first cheap creation is made a second time: a service
 * that refuses it then (412) keeps `If-None-Match: *`, and creations are not looked at any more. One that does not has written the
 * same bytes twice, in a window no larger than that of the look.
 */
export class WriteConditions {
  readonly #atomic: boolean;
  readonly #refused = new Set<string>();
  /** Kinds of creations that the service was seen to refuse where it should. */
  readonly #proven = new Set<string>();
  /** Kinds of creations that were tried for it, whatever came of it. */
  readonly #tried = new Set<string>();

  constructor(atomic: boolean) {
    this.#atomic = atomic;
  }

  /**
   * Makes the change with the headers of its condition. `kind` names what is asked of the service: it may understand conditions
   * of some requests only. Throws `Conflict` where the condition does not hold.
   */
  async keep<T>(kind: string, change: ConditionalChange, work: (headers: HttpHeaders) => Promise<T>): Promise<T> {
    if (change.ifRevision === undefined) return await work({});
    if (this.#atomic) return await this.#send(kind, change, true, work);
    const name = nameOf(kind, change.ifRevision);
    if (!this.#proven.has(name)) assertRevision(await change.current(), change.ifRevision);
    const result = await this.#send(kind, change, false, work);
    const isTrial = change.ifRevision === null && change.isCheap === true && !this.#refused.has(name);
    return isTrial && !this.#tried.has(name) ? await this.#prove(name, result, work) : result;
  }

  /** Makes a creation again that has just succeeded. A failure that tells nothing leaves open which revision is there now. */
  async #prove<T>(name: string, result: T, work: (headers: HttpHeaders) => Promise<T>): Promise<T> {
    this.#tried.add(name);
    try {
      return await work(conditionHeaders(null));
    } catch (error) {
      if (!isUnmet(error)) throw error;
      if (faultOf(error)?.status === 412) this.#proven.add(name);
      return result;
    }
  }

  /**
   * The same for changes that many services make without looking at a condition, whatever they do otherwise. `found` is the
   * revision that the caller has just seen.
   */
  async keepSeen<T>(
    kind: string,
    change: ConditionalChange,
    found: string | null,
    work: (headers: HttpHeaders) => Promise<T>,
  ): Promise<T> {
    assertRevision(found, change.ifRevision);
    return await this.#send(kind, change, false, work);
  }

  async #send<T>(
    kind: string,
    change: ConditionalChange,
    atomic: boolean,
    work: (headers: HttpHeaders) => Promise<T>,
  ): Promise<T> {
    if (change.ifRevision === undefined) return await work({});
    const name = nameOf(kind, change.ifRevision);
    if (this.#refused.has(name)) return await work({});
    try {
      return await work(conditionHeaders(change.ifRevision));
    } catch (error) {
      if (!(await isMisunderstood(error, change, atomic))) throw unmet(error);
      this.#refused.add(name);
      this.#proven.delete(name);
      return await work({});
    }
  }
}

/** What a service may understand or not. */
function nameOf(kind: string, ifRevision: string | null): string {
  return `${kind} ${ifRevision === null ? 'if-none-match' : 'if-match'}`;
}

/** Throws `Conflict` unless the revision that was found (null: nothing was) is the one that was expected. */
export function assertRevision(found: string | null, expected: string | null | undefined): void {
  if (expected === undefined || found === expected) return;
  const message = found === null ? 'the file does not exist (any more)' : 'the file has another revision';
  throw new StoreError('Conflict', { message });
}

async function isMisunderstood(error: unknown, change: ConditionalChange, atomic: boolean): Promise<boolean> {
  const status = faultOf(error)?.status;
  if (atomic && status === 501)
    throw new StoreError('Unsupported', {
      message: 'the service does not know conditional writes; set `preconditions = checked`',
      cause: error,
    });
  if (atomic || (status !== 501 && status !== 412)) return false;
  return (await change.current()) === change.ifRevision;
}

/** Whether the service said that a condition was not met. */
export function isUnmet(error: unknown): boolean {
  return isStoreError(error, 'Conflict') && faultOf(error) !== undefined;
}

/** If-Match on a key that does not exist is answered by 404. */
function unmet(error: unknown): unknown {
  if (faultOf(error)?.code !== 'NoSuchKey') return error;
  return new StoreError('Conflict', { message: 'the file does not exist (any more)', cause: faultOf(error) });
}
