import { isStoreError, type StoreErrorCode } from '../store/errors.ts';
import { diskFull } from './disk-full.ts';
import { LostVersion } from './lost-version.ts';
import type { Node, SendFailure } from './node.ts';
import { retryDelay } from './retry-delay.ts';
import type { Tree } from './tree.ts';

/** Not for the service to mend, but for the next listing, or for who empties the account. */
const passing: ReadonlySet<StoreErrorCode> = new Set(['QuotaExceeded', 'NotFound', 'Conflict']);
/** How often `drain` sees a node fail before it gives the node up. */
const drainTries = 3;
/** What waiting alone does not mend is tried again after so long. */
const permanentPause = 600_000;

/** What an error says about the node that could not be sent. */
function failureOf(error: unknown): SendFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (!isStoreError(error)) return { code: 'Unknown', message, permanent: false };
  const passes = error.retryable || passing.has(error.code);
  return { code: error.code, message, permanent: !passes || error instanceof LostVersion };
}

/** Whether there is no hurry to try again. A login may be renewed any time, without this process being told. */
function isLasting({ code, permanent }: SendFailure): boolean {
  return permanent && code !== 'Unauthenticated' && code !== 'PermissionDenied';
}

/** Whether the service was not reached, or did not know who asked. */
export function isUnreached(failure: SendFailure | undefined): boolean {
  return failure?.code === 'Unavailable' || failure?.code === 'Unauthenticated';
}

/** Whether a `drain` does not wait for this node any more. */
export function hasGivenUp({ failure, attempts }: Node): boolean {
  return failure !== undefined && (failure.permanent || failure.code === 'QuotaExceeded' || attempts >= drainTries);
}

/** The node could not be sent: when it is tried again follows from why, and from how often. */
export function noteFailure(node: Node, error: unknown): SendFailure {
  const failure = failureOf(error);
  node.attempts++;
  node.failure = failure;
  node.failedVersion = node.version;
  const retryAfter = isStoreError(error) ? error.retryAfter : undefined;
  node.nextTry = Date.now() + (isLasting(failure) ? permanentPause : retryDelay(node.attempts, retryAfter));
  return failure;
}

/** A permanent failure shows after a restart too, before the next try. On a full disk it is found anew. */
export function keepFailure(node: Node, tree: Tree): void {
  if (tree.find(node.id) !== node) return;
  try {
    tree.table.save(node);
  } catch (error) {
    if (diskFull(error) === undefined) throw error;
  }
}

/** As if the node had never failed. */
export function forgive(node: Node): void {
  node.attempts = 0;
  node.nextTry = 0;
  node.failure = undefined;
}
