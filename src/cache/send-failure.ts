import { isStoreError } from '../store/errors.ts';
import type { Node, SendFailure } from './node.ts';

/** How often `drain` sees a node fail before it gives the node up. */
const drainTries = 3;

/** What an error says about the node that could not be sent. */
export function failureOf(error: unknown): SendFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (!isStoreError(error)) return { code: 'Unknown', message, permanent: false };
  const permanent =
    !error.retryable && error.code !== 'QuotaExceeded' && error.code !== 'NotFound' && error.code !== 'Conflict';
  return { code: error.code, message, permanent };
}

/** Whether a `drain` does not wait for this node any more. */
export function hasGivenUp({ failure, attempts }: Node): boolean {
  return failure !== undefined && (failure.permanent || failure.code === 'QuotaExceeded' || attempts >= drainTries);
}

/** As if the node had never failed. */
export function forgive(node: Node): void {
  node.attempts = 0;
  node.nextTry = 0;
  node.failure = undefined;
}
