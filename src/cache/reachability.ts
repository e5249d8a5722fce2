import { isStoreError } from '../store/errors.ts';
import { intercept } from '../store/intercept.ts';
import type { Store } from '../store/store.ts';

/**
 * A store that tells after each call whether it could be reached. An answer of any kind says so, also one that is an error, but one: a service
 * that does not know who asks is of no more use than none.
 */
export function withReachability(store: Store, onCall: (reached: boolean) => void): Store {
  return intercept(store, 'reachability', async (call, proceed) => {
    try {
      await proceed();
      if (call.operation !== 'close') onCall(true);
    } catch (error) {
      if (isStoreError(error)) onCall(error.code !== 'Unavailable' && error.code !== 'Unauthenticated');
      throw error;
    }
  });
}
