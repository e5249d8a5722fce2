import { cpSync } from 'node:fs';
import { withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { MemoryStore } from '../../src/providers/memory/memory-store.ts';
import type { Entry } from '../../src/store/store.ts';

/** Names in each directory of `ManyNames`. */
export const namesOfDirectory = 1000;
const owner = { mode: 0o644, uid: 0, gid: 0 };
/** An hour: nothing is sent. */
const never = 3_600_000;

/** A store that makes up its listings: directories with a thousand files each. */
export class ManyNames extends MemoryStore {
  readonly #directories: number;

  constructor(directories: number) {
    super();
    this.#directories = directories;
  }

  override async *list(path: string): AsyncGenerator<Entry> {
    if (path === '/') for (let i = 0; i < this.#directories; i++) yield { kind: 'directory', path: `/directory ${i}` };
    else
      for (let i = 0; i < namesOfDirectory; i++)
        yield { kind: 'file', path: `${path}/file ${i}`, size: 0, modified: 0, revision: '1' };
  }
}

/**
 * Fills a cache with all names of the store and with `uploads` new files that wait, nine of ten so small that they are rows, and leaves in
 * `target` what a process that is killed then leaves.
 */
export async function fillCache(
  directory: string,
  target: string,
  directories: number,
  uploads: number,
): Promise<void> {
  const cache = withWriteBackCache(new ManyNames(directories), { directory, uploadDelay: never, metadataTime: never });
  const { tree } = cache;
  const nodes = await tree.list(tree.root);
  for (const { id } of nodes) await tree.list(id);
  for (let i = 0; i < uploads; i++) {
    const { id } = nodes[i % nodes.length] as { readonly id: number };
    const { id: file } = await tree.createFile(id, `new ${i}`, owner);
    const open = await tree.open(file, { write: true });
    await open.write(0, Buffer.alloc(i % 10 === 0 ? 64 << 10 : 1 << 10, 'x'));
    await open.flush();
    open.release();
  }
  cpSync(directory, target, { recursive: true });
  await cache.close();
}
