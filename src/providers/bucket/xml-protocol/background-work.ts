import { setTimeout as sleep } from 'node:timers/promises';

/** Work that nobody waits for, until the store is closed: tidying up, whose failure changes nothing. */
export class BackgroundWork {
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  /** Begins work; its signal is aborted when time is up. What it throws is dropped: it is tidied up another time. */
  start(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const running: Promise<void> = work(this.#closing.signal)
      .catch(() => undefined)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  /** The same, and waits for its end, but no longer than some milliseconds. */
  async startAndWait(milliseconds: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await within(milliseconds, this.start(work));
  }

  /** Lets what runs come to its end, for some milliseconds, and ends it then. */
  async close(milliseconds: number): Promise<void> {
    await within(milliseconds, Promise.all(this.#running));
    this.#closing.abort();
    await Promise.all(this.#running);
  }
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}
