import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seededRandom } from '../../src/layers/seeded-random.ts';

/** One file of a tree. */
export interface CopiedFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly bytes: Buffer;
  /** Hexadecimal MD5 of the bytes. */
  readonly md5: string;
}

/** So many files are copied. */
export const fileCount = 2_000;
/** In so many turns, each of which ends with the question whether all is there. */
export const turns = 3;

/** The files of one copy, in order: most of them small, some of a hundred kilobytes, two of a megabyte, in 40 directories. */
export function copiedTree(seed: number): CopiedFile[] {
  const random = seededRandom(seed);
  return Array.from({ length: fileCount }, (_, index) => {
    const isLarge = index === 700 || index === 1500;
    const size = isLarge ? 1e6 : Math.floor(random() < 0.03 ? 1e5 * random() : 4e3 * random() ** 2);
    const bytes = Buffer.alloc(size, `${seed} ${index} ${random()} `);
    const path = `d${Math.floor(index / 50)}/file ${index}%20ä.txt`;
    return { path, bytes, md5: md5Of(bytes) };
  });
}

/** Hexadecimal MD5. */
export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** The files of one turn, counted from 0. */
export function turnOf(files: readonly CopiedFile[], turn: number): CopiedFile[] {
  const size = Math.ceil(files.length / turns);
  return files.slice(turn * size, (turn + 1) * size);
}

/** Writes files into a directory. */
export async function writeTree(directory: string, files: readonly CopiedFile[]): Promise<void> {
  for (const { path, bytes } of files) {
    const place = join(directory, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, bytes);
  }
}
