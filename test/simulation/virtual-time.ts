import { mock } from 'node:test';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly delay: number;
  readonly repeat: boolean;
  readonly work: () => void;
}

/** What `setTimeout` answers while time is virtual. */
class VirtualTimer {
  readonly #time: VirtualTime;
  readonly #delay: number;
  readonly #repeat: boolean;
  readonly #work: () => void;

  constructor(time: VirtualTime, work: () => void, delay: number, repeat: boolean) {
    this.#time = time;
    this.#work = work;
    this.#delay = delay;
    this.#repeat = repeat;
    this.refresh();
  }

  refresh(): this {
    this.#time.set(this, this.#work, this.#delay, this.#repeat);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/**
 * The time of this thread, which stands still until `advance`: `Date`'s and `performance`'s now and the global timers. Turns of the event loop
 * (`setImmediate`) go on. One at a time; `end` gives the machine's time back.
 */
export class VirtualTime {
  readonly #alarms = new Map<object, Alarm>();
  readonly #mocks: { mock: { restore(): void } }[];
  #now: number;
  #order = 0;

  constructor(now: number) {
    this.#now = now;
    const timer =
      (repeat: boolean) =>
      (work: (...values: unknown[]) => void, delay = 0, ...values: unknown[]): VirtualTimer =>
        new VirtualTimer(this, () => work(...values), Math.max(repeat ? 1 : 0, delay), repeat);
    const clear = (known: object | undefined): void => void (known !== undefined && this.#alarms.delete(known));
    this.#mocks = [
      mock.method(Date, 'now', () => this.#now),
      mock.method(performance, 'now', () => this.#now),
      mock.method(globalThis, 'setTimeout', timer(false) as never),
      mock.method(globalThis, 'setInterval', timer(true) as never),
      mock.method(globalThis, 'clearTimeout', clear as never),
      mock.method(globalThis, 'clearInterval', clear as never),
    ];
  }

  get now(): number {
    return this.#now;
  }

  /** For timers: runs `work` once the delay is over, or again and again. */
  set(timer: object, work: () => void, delay: number, repeat: boolean): void {
    this.#alarms.set(timer, { at: this.#now + delay, order: this.#order++, delay, repeat, work });
  }

  /** When the next timer rings; `Infinity` when there is none. */
  get nextAt(): number {
    return this.#next()?.[1].at ?? Infinity;
  }

  /** Goes on to a time, and rings what is due on the way, in order. */
  advanceTo(time: number): void {
    for (let next = this.#next(); next !== undefined && next[1].at <= time; next = this.#next()) {
      const [timer, { at, delay, repeat, work }] = next;
      this.#now = Math.max(this.#now, at);
      this.#alarms.delete(timer);
      if (repeat) this.set(timer, work, delay, repeat);
      work();
    }
    this.#now = Math.max(this.#now, time);
  }

  end(): void {
    this.#alarms.clear();
    for (const made of this.#mocks) made.mock.restore();
  }

  #next(): [object, Alarm] | undefined {
    let first: [object, Alarm] | undefined;
    for (const entry of this.#alarms) {
      const [, { at, order }] = entry;
      if (first === undefined || at < first[1].at || (at === first[1].at && order < first[1].order)) first = entry;
    }
    return first;
  }
}
