import type { CallOptions, FileEntry, Source, Store } from './store.ts';

/**
 * A file of a store as a `Source`, so that it can be written elsewhere without being held in memory. It reads the version that
 * `entry` tells: where the file has a revision and has changed since, reading throws `Conflict`.
 */
export function storeSource(store: Store, entry: FileEntry, options: CallOptions = {}): Source {
  return storeRange(store, entry, 0, entry.size, options);
}

function storeRange(store: Store, entry: FileEntry, start: number, end: number, { signal }: CallOptions): Source {
  const size = Math.max(0, end - start);
  return {
    size,
    slice: (from, to) => storeRange(store, entry, start + Math.min(from, size), start + Math.min(to, size), { signal }),
    async *stream() {
      const range = { offset: start, length: size, ifRevision: entry.revision, signal };
      yield* (await store.read(entry.path, range)).body;
    },
  };
}
