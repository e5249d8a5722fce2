/** As `mount-writer.ts`, with the steps of `PowerStep`: the files of one directory are changed, and now and then synced. */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { bytesOf, type PowerStep } from './power-step.ts';
import { type Pick, runWriter, type Workload } from '../writing-program.ts';
import { pageBytes } from './volatile-content.ts';

const { O_CREAT, O_DIRECTORY, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const kinds: readonly PowerStep['kind'][] = [
  ...(['write', 'write', 'write', 'write', 'resize', 'replace', 'replace'] as const),
  ...(['rename', 'remove', 'sync', 'sync', 'directory'] as const),
];
const piece = 65_536;

class Writer implements Workload<PowerStep> {
  readonly #root: string;
  readonly #pick: Pick;

  constructor(root: string, pick: Pick) {
    this.#root = root;
    this.#pick = pick;
  }

  next(number: number): PowerStep {
    const [path, to] = [`/f${this.#pick(10)}`, `/f${this.#pick(10)}`];
    const size = this.#pick(6) === 0 ? this.#pick(400_000) : this.#pick(20_000);
    const kind = kinds[this.#pick(kinds.length)] as PowerStep['kind'];
    return { kind, path, to, number, size, page: kind === 'write' ? this.#pick(4) : 0, synced: this.#pick(4) === 0 };
  }

  /** That a file is missing is no failure; that all of them are is one. */
  do(step: PowerStep): void {
    try {
      this.#change(step);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      statSync(this.#root);
    }
  }

  #change(step: PowerStep): void {
    const [path, to] = [join(this.#root, step.path), join(this.#root, step.to)];
    if (step.kind === 'rename') return renameSync(path, to);
    if (step.kind === 'remove') return unlinkSync(path);
    if (step.kind === 'resize') return truncateSync(path, step.size);
    if (step.kind === 'directory') return this.#in(this.#root, O_RDONLY | O_DIRECTORY, fsyncSync);
    if (step.kind === 'sync') return this.#in(path, O_RDONLY, this.#sync());
    if (step.kind === 'write') return this.#write(path, O_WRONLY | O_CREAT, step, step.synced);
    this.#write(`${path}.new`, O_WRONLY | O_CREAT | O_TRUNC, step, true);
    renameSync(`${path}.new`, path);
  }

  #sync(): (descriptor: number) => void {
    return this.#pick(2) === 0 ? fsyncSync : fdatasyncSync;
  }

  #write(path: string, flags: number, step: PowerStep, isSynced: boolean): void {
    const sync = isSynced ? this.#sync() : undefined;
    this.#in(path, flags, (descriptor) => {
      const bytes = bytesOf(step);
      const start = step.page * pageBytes;
      for (let at = 0; at < bytes.length; )
        at += writeSync(descriptor, bytes, at, Math.min(piece, bytes.length - at), start + at);
      sync?.(descriptor);
    });
  }

  #in(path: string, flags: number, work: (descriptor: number) => void): void {
    const descriptor = openSync(path, flags, 0o644);
    try {
      work(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

await runWriter((root, pick) => new Writer(root, pick));
