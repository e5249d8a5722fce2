/** Changes files in a few directories until something fails; see `runWriter`. */
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
import { contentOf, type Step } from './crash-step.ts';
import { type Pick, runWriter, type Workload } from './writing-program.ts';

/** All but one of them are there at any time. */
export const directories: readonly string[] = ['/d0', '/d1', '/d2', '/d3'];

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
const kinds: readonly Step['kind'][] = [
  ...(['write', 'write', 'write', 'replace', 'replace', 'append', 'append'] as const),
  ...(['overwrite', 'truncate', 'rename', 'rename', 'remove', 'directory'] as const),
];
const piece = 65_536;

class Writer implements Workload<Step> {
  readonly #root: string;
  readonly #pick: Pick;

  constructor(root: string, pick: Pick) {
    this.#root = root;
    this.#pick = pick;
  }

  next(number: number): Step {
    const there = readdirSync(this.#root).map((name) => `/${name}`);
    const somePath = (): string => `${there[this.#pick(there.length)]}/f${this.#pick(10)}`;
    const kind = kinds[this.#pick(kinds.length)] as Step['kind'];
    const size = this.#pick(8) === 0 ? this.#pick(600_000) : this.#pick(20_000);
    if (kind !== 'directory') return { kind, path: somePath(), to: somePath(), number, size };
    const free = directories.find((directory) => !there.includes(directory)) as string;
    return { kind, path: there[this.#pick(there.length)] as string, to: free, number, size };
  }

  do(step: Step): void {
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

if (process.argv[1] === import.meta.filename) await runWriter((root, pick) => new Writer(root, pick));
