import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Step } from './crash-step.ts';

const script: string = new URL('mount-writer.ts', import.meta.url).pathname;

/** What a writer had done when something failed, and what it was doing. */
export interface Written<S> {
  readonly done: readonly S[];
  readonly open: S | undefined;
}

/** A process that writes below a directory; see `runWriter`. It has nothing open there between two beginnings. */
export class WriterProcess<S = Step> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(directory: string, program: string = script) {
    this.#child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Begins to write, steps from number `first` on. */
  begin(seed: number, first: number): void {
    this.#child.stdin?.write(`${JSON.stringify([seed, first])}\n`);
  }

  /** Waits until something failed. */
  async ended(): Promise<Written<S>> {
    const done: S[] = [];
    let open: S | undefined;
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Error('the writer died');
      const { what, step } = JSON.parse(line.value) as { what: 'begin' | 'done' | 'end'; step: S };
      if (what === 'end') return { done, open };
      open = what === 'begin' ? step : undefined;
      if (what === 'done') done.push(step);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await once(this.#child, 'exit');
  }
}
