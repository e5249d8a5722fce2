import { StoreError } from '../store/errors.ts';

/**
 * A file was changed here while parts of it were only at the store, and the store has that version no more. What was written
 * stays in the cache; the rest is nowhere, so it cannot be sent. Nothing that is not known is made up.
 */
export class LostVersion extends StoreError {
  constructor(path: string, cause?: unknown) {
    super('Conflict', {
      operation: 'read',
      path,
      message: 'it was changed here before all of it was fetched, and the store does not have the rest any more',
      cause,
    });
  }
}
