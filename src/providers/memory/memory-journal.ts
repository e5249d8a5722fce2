import { randomUUID } from 'node:crypto';
import type { Changes, ChangesOptions, ToldChange } from '../../store/store.ts';

/** So many changes are told at a time. */
const mostAtOnce = 100;

/** Every path that was changed, in order, for `MemoryStore.changes`. A position is the number of those that were told. */
export class MemoryJournal {
  readonly #life: string = randomUUID();
  readonly #paths: string[] = [];
  #changed = Promise.withResolvers<void>();

  /** Notes that what stands at these paths was changed just now. */
  note(...paths: readonly string[]): void {
    this.#paths.push(...paths);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** `look` finds what stands at a path. */
  async answer(
    since: string | undefined,
    { wait = 0, signal }: ChangesOptions,
    look: (path: string) => ToldChange['entry'],
  ): Promise<Changes> {
    const from = since === undefined ? this.#paths.length : this.#numberOf(since);
    if (from === this.#paths.length && since !== undefined) await this.#wait(wait, signal);
    if (from === undefined) return { ...this.#answer(this.#paths.length, look), everything: true };
    return this.#answer(from, look);
  }

  #answer(from: number, look: (path: string) => ToldChange['entry']): Changes {
    const to = Math.min(this.#paths.length, from + mostAtOnce);
    const told = [...new Set(this.#paths.slice(from, to))].map((path) => ({ path, entry: look(path) }));
    return {
      position: `${this.#life}:${to}`,
      told,
      more: to < this.#paths.length,
      everything: false,
      until: Date.now(),
    };
  }

  #numberOf(position: string): number | undefined {
    const [life, text] = position.split(':');
    const number = Number(text);
    return life === this.#life && Number.isInteger(number) && number <= this.#paths.length ? number : undefined;
  }

  async #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (milliseconds <= 0) return;
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#changed.promise, over]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}
