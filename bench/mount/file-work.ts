/**
 * Work on files that no common program does alone, as a process of its own: `file-work.ts KIND PATH COUNT SECONDS`. It does
 * COUNT of its kind in order, or as many as fit into SECONDS, and prints a `FileWorkResult`.
 */
import { closeSync, openSync, readSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What the process prints. */
export interface FileWorkResult {
  readonly seconds: number;
  readonly done: number;
}

const blockBytes = 1 << 20;
const pageBytes = 4096;

/** `create`, `stat` and `unlink` work in the directory PATH, the others on the file PATH. */
const kinds: Readonly<Record<string, (path: string, count: number) => (i: number) => void>> = {
  create: (path) => (i) => closeSync(openSync(fileName(path, i), 'wx')),
  stat: (path) => (i) => void statSync(fileName(path, i)),
  unlink: (path) => (i) => unlinkSync(fileName(path, i)),
  write: (path, count) => {
    const [file, block] = [openSync(path, 'w'), Buffer.alloc(blockBytes, 'cloudfusion ')];
    return (i) => {
      writeSync(file, block);
      if (i === count - 1) closeSync(file);
    };
  },
  read: (path) => {
    const [file, block] = [openSync(path, 'r'), Buffer.allocUnsafe(blockBytes)];
    return () => mustRead(readSync(file, block));
  },
  random: (path) => {
    const [file, page, pages] = [openSync(path, 'r'), Buffer.allocUnsafe(pageBytes), statSync(path).size / pageBytes];
    return (i) => mustRead(readSync(file, page, 0, pageBytes, offset(i, pages)));
  },
  append: (path) => {
    const [file, page] = [openSync(path, 'a'), Buffer.alloc(pageBytes, 'appended ')];
    return () => {
      writeSync(file, page);
      closeSync(file);
    };
  },
};

const [kind = '', path = '', count = '', limit = ''] = process.argv.slice(2);
const begin = kinds[kind];
if (begin === undefined) throw new TypeError(`no such work: ${kind}`);
console.log(JSON.stringify(work(begin, Number(count), Number(limit) * 1000)));

function work(
  begin: (path: string, count: number) => (i: number) => void,
  count: number,
  limit: number,
): FileWorkResult {
  const began = performance.now();
  const step = begin(path, count);
  let [done, spent] = [0, 0];
  while (done < count && spent < limit) {
    step(done++);
    spent = performance.now() - began;
  }
  return { seconds: spent / 1000, done };
}

function fileName(directory: string, i: number): string {
  return join(directory, `file-${String(i).padStart(6, '0')}`);
}

/** Offsets that follow no pattern and are the same for everybody: i, mixed as MurmurHash3 ends. */
function offset(i: number, pages: number): number {
  let mixed = Math.imul(i + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) % Math.floor(pages)) * pageBytes;
}

function mustRead(bytes: number): void {
  if (bytes === 0) throw new Error('the file is shorter than it was');
}
