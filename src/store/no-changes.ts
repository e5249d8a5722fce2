import { StoreError } from './errors.ts';
import type { Changes } from './store.ts';

/** `changes` of a store whose `capabilities.changes` is `none`: throws `Unsupported`. */
export async function noChanges(store: string): Promise<Changes> {
  throw new StoreError('Unsupported', {
    operation: 'changes',
    store,
    message: 'this store does not tell what changed',
  });
}
