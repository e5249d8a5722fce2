import type { Clock } from '../../../src/http/clock.ts';

/** A time that only a test moves on. */
export class VirtualClock implements Clock {
  #now = 0;
  #latest = 0;
  readonly #alarms: Map<number, { readonly at: number; readonly work: () => void }> = new Map();

  now(): number {
    return this.#now;
  }

  after(delay: number, work: () => void): () => void {
    const id = ++this.#latest;
    this.#alarms.set(id, { at: this.#now + delay, work });
    return () => void this.#alarms.delete(id);
  }

  /** How many wait for their time. */
  get waiting(): number {
    return this.#alarms.size;
  }

  /** Everything that was promised is done first; then time stands where the next alarm rings, and it rings. False: there is none. */
  async step(): Promise<boolean> {
    await settled();
    const next = [...this.#alarms].sort(([a, first], [b, second]) => first.at - second.at || a - b)[0];
    if (next === undefined) return false;
    const [id, { at, work }] = next;
    this.#alarms.delete(id);
    this.#now = Math.max(this.#now, at);
    work();
    await settled();
    return true;
  }

  /** Steps until nothing waits. */
  async run(): Promise<void> {
    while (await this.step());
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settled();
      if (![...this.#alarms.values()].some(({ at }) => at <= end)) break;
      await this.step();
    }
    this.#now = end;
  }
}

/** All promises that can be kept now are. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
