import { isInside } from '../../store/path.ts';

/**
 * The files that this store is replacing by MOVE or COPY at the moment. Most servers delete the old file just before they give
 * its name to the new one, so whoever looks in between sees nothing. Within this store that is not taken for a deletion: who
 * misses a file that was being replaced meanwhile looks again afterwards.
 */
export class Replacements {
  readonly #running = new Map<string, Promise<void>>();
  readonly #watches = new Set<Watch>();

  /** Does the request that replaces the file at `path`. */
  async during<T>(path: string, work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#running.get(path);
    const ended = Promise.all([before, promise]).then(() => undefined);
    this.#running.set(path, ended);
    for (const watch of this.#watches) watch.note(path);
    try {
      return await work();
    } finally {
      resolve();
      if (this.#running.get(path) === ended) this.#running.delete(path);
    }
  }

  /** Notes what is being replaced at `path` or below it, now or until the watch is ended. */
  watch(path: string): Watch {
    const watch: Watch = new Watch(path, () => this.#watches.delete(watch));
    for (const running of this.#running.keys()) watch.note(running);
    this.#watches.add(watch);
    return watch;
  }

  /** Resolves when the file at `path` is not being replaced any more. */
  async settled(path: string): Promise<void> {
    await this.#running.get(path);
  }
}

/** What was replaced while somebody looked. */
export class Watch implements Disposable {
  readonly #path: string;
  readonly #end: () => void;
  readonly #replaced = new Set<string>();

  constructor(path: string, end: () => void) {
    this.#path = path;
    this.#end = end;
  }

  note(path: string): void {
    if (path === this.#path || isInside(path, this.#path)) this.#replaced.add(path);
  }

  /** The paths so far. From now on others are noted. */
  take(): string[] {
    const paths = [...this.#replaced];
    this.#replaced.clear();
    return paths;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
