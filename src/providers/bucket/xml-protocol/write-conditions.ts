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
}

/**
 * Keeps `ifRevision`. In `atomic` mode the service does it, by If-Match and If-None-Match. In `checked` mode the revision is
 * looked at just before the change, and the condition still goes along, which closes the window where the service understands
 * it. Not all do: Swift answers 501, and some versions of Ceph refuse every If-Match. What a service gets wrong is not sent
 * again as long as this lives.
 */
export class WriteConditions {
  readonly #atomic: boolean;
  readonly #refused = new Set<string>();

  constructor(atomic: boolean) {
    this.#atomic = atomic;
  }

  /**
   * Makes the change with the headers of its condition. `kind` names what is asked of the service: it may understand conditions
   * of some requests only. Throws `Conflict` where the condition does not hold.
   */
  async keep<T>(kind: string, change: ConditionalChange, work: (headers: HttpHeaders) => Promise<T>): Promise<T> {
    if (change.ifRevision === undefined) return await work({});
    if (!this.#atomic) assertRevision(await change.current(), change.ifRevision);
    return await this.#send(kind, change, this.#atomic, work);
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
    const name = `${kind} ${change.ifRevision === null ? 'if-none-match' : 'if-match'}`;
    if (change.ifRevision === undefined || this.#refused.has(name)) return await work({});
    try {
      return await work(conditionHeaders(change.ifRevision));
    } catch (error) {
      if (!(await isMisunderstood(error, change, atomic))) throw unmet(error);
      this.#refused.add(name);
      return await work({});
    }
  }
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
