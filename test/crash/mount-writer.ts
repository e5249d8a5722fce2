/**
 * Changes files below a directory whenever a line `[seed, first number]` comes, until something fails, as everything does when the daemon behind
 * the directory was killed. On standard output it says, a line each, what it is about to do (`begin`), what was acknowledged
 * (`done`), and at last `end`, as JSON.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { contentOf, type Step } from './crash-step.ts';

/** All but one of them are there at any time. */
export const directories: readonly string[] = ['/d0', '/d1', '/d2', '/d3'];

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
const kinds: readonly Step['kind'][] = [
  ...(['write', 'write', 'write', 'replace', 'replace', 'append', 'append'] as const),
  ...(['overwrite', 'truncate', 'rename', 'rename', 'remove', 'directory'] as const),
];
const piece = 65_536;

class Writer {
  readonly #root: string;
  readonly #random: () => number;

  constructor(root: string, seed: number) {
    this.#root = root;
    this.#random = seededRandom(seed);
  }

  run(first: number): never {
    for (let number = first; ; number++) {
      const step = this.#next(number);
      say('begin', step);
      this.#do(step);
      say('done', step);
    }
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #next(number: number): Step {
    const there = readdirSync(this.#root).map((name) => `/${name}`);
    const somePath = (): string => `${there[this.#pick(there.length)]}/f${this.#pick(10)}`;
    const kind = kinds[this.#pick(kinds.length)] as Step['kind'];
    const size = this.#pick(8) === 0 ? this.#pick(600_000) : this.#pick(20_000);
    if (kind !== 'directory') return { kind, path: somePath(), to: somePath(), number, size };
    const free = directories.find((directory) => !there.includes(directory)) as string;
    return { kind, path: there[this.#pick(there.length)] as string, to: free, number, size };
  }

  #do(step: Step): void {
    const [path, to] = [join(this.#root, step.path), join(this.#root, step.to)];
    if (step.kind === 'rename' || step.kind === 'directory') return unlessMissing(() => renameSync(path, to));
    if (step.kind === 'remove') return unlessMissing(() => unlinkSync(path));
    if (step.kind === 'replace') {
      this.#write(`${path}.new`, O_TRUNC, contentOf(step));
      return renameSync(`${path}.new`, path);
    }
    if (step.kind === 'truncate') {
      this.#write(path, 0, Buffer.alloc(0));
      return truncateSync(path, step.size);
    }
    this.#write(path, step.kind === 'write' ? O_TRUNC : step.kind === 'append' ? O_APPEND : 0, contentOf(step));
  }

  #write(path: string, flags: number, bytes: Uint8Array): void {
    const descriptor = openSync(path, O_WRONLY | O_CREAT | flags, 0o644);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, Math.min(piece, bytes.length - at));
      if (this.#pick(8) === 0) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

function unlessMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function say(what: 'begin' | 'done' | 'end', step?: Step): void {
  writeSync(1, `${JSON.stringify({ what, step })}\n`);
}

if (process.argv[1] === import.meta.filename) {
  const [root = ''] = process.argv.slice(2);
  for await (const line of createInterface({ input: process.stdin })) {
    const [seed, first] = JSON.parse(line) as [number, number];
    try {
      new Writer(root, seed).run(first);
    } catch (error) {
      say('end', { ...(error as object), message: String(error) } as never);
    }
  }
}
