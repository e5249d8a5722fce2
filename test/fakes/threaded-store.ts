import { MemoryStore, type MemoryStoreOptions } from '../../src/providers/memory/memory-store.ts';
import { StoreError } from '../../src/store/errors.ts';
import { type ServedStore, serveStore } from '../../src/threads/serve-store.ts';
import { UnrulyStore } from './unruly-store.ts';

/** What this script, which is run in a thread of its own, is to open. */
export type ThreadedStore =
  | { readonly kind: 'memory'; readonly options?: MemoryStoreOptions }
  | { readonly kind: 'unruly' | 'refused' };

serveStore((startup): ServedStore => {
  const wanted = startup as ThreadedStore;
  if (wanted.kind === 'refused') throw new StoreError('Unauthenticated', { store: 'inner', message: 'who are you' });
  if (wanted.kind === 'memory') return { store: new MemoryStore(wanted.options) };
  const store = new UnrulyStore();
  return { store, figures: () => store.done };
});
