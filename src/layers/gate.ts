import { untilAborted } from './until-aborted.ts';

/** A closed gate that is opened once, and then stays open. It knows how many wait before it. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #watchers = new Set<() => void>();
  #waiting = 0;

  open(): void {
    this.#opened.resolve();
  }

  /** Waits until the gate is open. Rejects with the reason of `signal` when that aborts first. */
  async pass(signal?: AbortSignal): Promise<void> {
    this.#waiting += 1;
    for (const watcher of this.#watchers) watcher();
    try {
      await untilAborted(this.#opened.promise, signal);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Waits until `count` wait at the same time. */
  async reached(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = (): void => {
      if (this.#waiting >= count) resolve();
    };
    this.#watchers.add(watch);
    watch();
    await promise;
    this.#watchers.delete(watch);
  }
}
