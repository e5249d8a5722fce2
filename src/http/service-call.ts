import { inCall, isStoreError } from '../store/errors.ts';
import { assertCanonical } from '../store/path.ts';
import type { CallOptions } from '../store/store.ts';
import { SourceFailure } from './source-failure.ts';

/** The call of a store that is answered by a service. */
export interface ServiceCall extends CallOptions {
  readonly store: string;
  readonly operation: string;
  readonly path: string;
}

/**
 * Does the work of a store's method. Throws `InvalidPath` before any request, `signal.reason` after an abort, what a source
 * threw untouched, and every `StoreError` as one that names this call.
 */
export async function serviceCall<T>(call: ServiceCall, work: () => Promise<T>): Promise<T> {
  assertCanonical(call.path, call.operation, call.store);
  call.signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    throw callError(error, call);
  }
}

/** What a call throws for what its work threw; for listings and bodies, which `serviceCall` cannot wrap. */
export function callError(error: unknown, { store, operation, path, signal }: ServiceCall): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof SourceFailure) return error.reason;
  if (!isStoreError(error) || (error.store === store && error.operation === operation)) return error;
  return inCall(error, { store, operation, path: error.path ?? path });
}
