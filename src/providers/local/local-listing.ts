import { isUtf8 } from 'node:buffer';
import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { childOf } from '../../store/path.ts';
import type { Entry } from '../../store/store.ts';
import { isShown, localEntry } from './local-entry.ts';
import { tolerating } from './local-errors.ts';
import type { LocalRoot } from './local-root.ts';
import { isReserved } from './upload-name.ts';

/** Names whose attributes are asked for at once. */
const batchLength = 64;

/**
 * The entries of a directory as they are read. Left out: links and special files, names that are not UTF-8, unfinished uploads,
 * and what vanishes meanwhile.
 */
export async function* listDirectory(root: LocalRoot, path: string): AsyncGenerator<Entry> {
  for await (const names of batches(namesIn(root.absolute(path), path === '/'))) {
    const paths = names.map((name) => childOf(path, name));
    const found = await Promise.all(paths.map((child) => attributes(root.absolute(child))));
    for (const [index, child] of paths.entries()) {
      const stats = found[index];
      if (stats !== undefined && isShown(stats)) yield localEntry(child, stats);
    }
  }
}

async function* namesIn(directory: string, atRoot: boolean): AsyncGenerator<string> {
  const options = { encoding: 'buffer', bufferSize: batchLength } as unknown as { bufferSize: number };
  for await (const { name } of (await opendir(directory, options)) as AsyncIterable<Dirent | Dirent<Buffer>>) {
    const bytes = Buffer.from(name);
    if (isUtf8(bytes) && !isReserved(bytes.toString(), atRoot)) yield bytes.toString();
  }
}

async function* batches(names: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const name of names) {
    if (batch.push(name) < batchLength) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function attributes(path: string): Promise<BigIntStats | undefined> {
  return tolerating(lstat(path, { bigint: true }), 'ENOENT', 'ENOTDIR');
}
