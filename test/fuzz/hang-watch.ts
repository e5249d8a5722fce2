import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** A case that keeps the event loop busy for so long, in milliseconds, hangs. */
const longest = 45_000;

interface Watched {
  readonly seed: SharedArrayBuffer;
  readonly name: string;
}

/** Ends this process, and tells the seed, when a case never gives the event loop back: then no time limit of a test can. */
export class HangWatch implements AsyncDisposable {
  readonly #seed = new SharedArrayBuffer(8);
  readonly #worker: Worker;

  constructor(name: string) {
    this.#worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: { seed: this.#seed, name } satisfies Watched,
    });
    this.#worker.unref();
  }

  /** A case begins. */
  begin(seed: number): void {
    const state = new Int32Array(this.#seed);
    Atomics.store(state, 0, seed);
    Atomics.add(state, 1, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

if (!isMainThread) {
  const { seed, name } = workerData as Watched;
  const state = new Int32Array(seed);
  for (;;) {
    const before = Atomics.load(state, 1);
    if (Atomics.wait(state, 1, before, longest) !== 'timed-out' || Atomics.load(state, 1) !== before) continue;
    if (before === 0) continue;
    writeSync(2, `${name} hangs: CLOUDFUSION_SEED=${Atomics.load(state, 0)} CLOUDFUSION_RUNS=1\n`);
    process.kill(process.pid, 'SIGKILL');
  }
}
