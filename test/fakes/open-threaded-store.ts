import { openThreadStore, type ThreadStore } from '../../src/threads/thread-store.ts';
import type { ThreadedStore } from './threaded-store.ts';

/** A store in a thread of its own. Whoever opens it closes it. */
export function openThreadedStore(startup: ThreadedStore): Promise<ThreadStore> {
  return openThreadStore(new URL('threaded-store.ts', import.meta.url), startup);
}
