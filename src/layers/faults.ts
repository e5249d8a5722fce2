import { StoreError } from '../store/errors.ts';
import { type Call, intercept, type Proceed, type Through } from '../store/intercept.ts';
import type { Download, Store } from '../store/store.ts';
import { Gate } from './gate.ts';
import { seededRandom } from './seeded-random.ts';
import { untilAborted } from './until-aborted.ts';

/** What goes wrong, and how often. Rates are between 0 (never) and 1 (always). */
export interface FaultRates {
  /** Longest time in milliseconds by which a call is delayed on its way to the store, and its answer on the way back. @default 0 */
  delay: number;
  /** Calls that fail with `Unavailable` or `RateLimited` before they reach the store. @default 0 */
  failureRate: number;
  /** Reads whose body ends with `Unavailable` before it is whole. @default 0 */
  shortReadRate: number;
  /** Changes that happen, and whose call then fails with `Unavailable`. @default 0 */
  lostAnswerRate: number;
  /** `retryAfter` of `RateLimited`, in milliseconds. @default 10 */
  retryAfter: number;
}

/** Options of `withFaults`. */
export interface FaultOptions extends Partial<Readonly<FaultRates>> {
  /** The same seed brings the same faults to the same sequence of calls. */
  readonly seed: number;
  /** A script: what a call fails with before it reaches the store. @default nothing */
  readonly fail?: ((call: Call) => StoreError | undefined) | undefined;
}

/** A store whose network can be broken. */
export interface FaultyStore extends Store {
  readonly faults: Faults;
}

/** Makes a store as unreliable as a network, by seeded chance, by script or by switch. For tests. `close` always works. */
export function withFaults(store: Store, options: FaultOptions): FaultyStore {
  const faults = new Faults(options);
  const faulty = intercept(store, 'faults', (call, proceed) => faults.around(call, proceed));
  return Object.assign(faulty, { faults });
}

/** The switches of a `withFaults` layer. All of them may be changed at any time. */
export class Faults implements FaultRates {
  delay: number;
  failureRate: number;
  shortReadRate: number;
  lostAnswerRate: number;
  retryAfter: number;
  /** What a call fails with before it reaches the store. */
  fail: ((call: Call) => StoreError | undefined) | undefined;
  /** No network: new calls fail with `Unavailable`; those under way lose their answers and the rest of their bodies. */
  offline = false;
  readonly #random: () => number;
  #gate: Gate | undefined;
  #matching: (call: Call) => boolean = () => true;

  constructor({ seed, fail, ...rates }: FaultOptions) {
    this.#random = seededRandom(seed);
    this.fail = fail;
    this.delay = rates.delay ?? 0;
    this.failureRate = rates.failureRate ?? 0;
    this.shortReadRate = rates.shortReadRate ?? 0;
    this.lostAnswerRate = rates.lostAnswerRate ?? 0;
    this.retryAfter = rates.retryAfter ?? 10;
  }

  /**
   * Holds calls that begin from now on before they reach the store, until `resume`; with `matching`, only some.
   * Throws `TypeError` when paused already.
   */
  pause(matching: (call: Call) => boolean = () => true): void {
    if (this.#gate !== undefined) throw new TypeError('paused already');
    this.#matching = matching;
    this.#gate = new Gate();
  }

  /** Lets every held call go on, and ends the pause. */
  resume(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Waits until `count` calls are being held at the same time. Throws `TypeError` without a pause. */
  async held(count = 1): Promise<void> {
    if (this.#gate === undefined) throw new TypeError('nothing is held without a pause');
    await this.#gate.reached(count);
  }

  /** No more faults: the network is well. */
  heal(): void {
    this.delay = 0;
    this.failureRate = 0;
    this.shortReadRate = 0;
    this.lostAnswerRate = 0;
    this.fail = undefined;
    this.offline = false;
    this.resume();
  }

  /** The faults around one call. */
  async around(call: Call, proceed: Proceed): Promise<void> {
    if (call.operation === 'close') return proceed();
    const fate = this.#drawFate();
    if (this.#matching(call)) await this.#gate?.pass(call.options.signal);
    await wait(fate.delay * this.delay, call.options.signal);
    this.#failBefore(call, fate);
    await proceed(this.#spoil(call, fate));
    await wait(fate.answerDelay * this.delay, call.options.signal);
    if (isChange(call) && fate.lostAnswer < this.lostAnswerRate) throw unavailable(call, 'the answer was lost');
    this.#assertOnline(call);
  }

  /** Always as many draws, so that the rates of one call do not shift the fate of the next. */
  #drawFate(): Fate {
    const draw = this.#random;
    return {
      delay: draw(),
      answerDelay: draw(),
      failure: draw(),
      limited: draw(),
      short: draw(),
      cut: draw(),
      lostAnswer: draw(),
    };
  }

  #failBefore(call: Call, fate: Fate): void {
    this.#assertOnline(call);
    const scripted = this.fail?.(call);
    if (scripted !== undefined) throw scripted;
    if (fate.failure >= this.failureRate) return;
    if (fate.limited < 0.5) throw unavailable(call, 'the service is down');
    throw failure('RateLimited', call, 'too many requests', this.retryAfter);
  }

  #spoil(call: Call, fate: Fate): Through | undefined {
    if (call.operation !== 'read') return undefined;
    const { offset = 0, length = Infinity } = call.options;
    return (download) => {
      const size = Math.max(0, Math.min(length, download.entry.size - offset));
      const limit = fate.short < this.shortReadRate ? Math.floor(fate.cut * size) : Infinity;
      return this.#deliver(call, download, limit);
    };
  }

  async *#deliver(call: Call, { body }: Download, limit: number): AsyncGenerator<Uint8Array> {
    let left = limit;
    for await (const chunk of body) {
      this.#assertOnline(call);
      if (left < chunk.length) {
        if (left > 0) yield chunk.subarray(0, left);
        throw unavailable(call, 'the connection was closed early');
      }
      left -= chunk.length;
      yield chunk;
    }
  }

  #assertOnline(call: Call): void {
    if (this.offline) throw unavailable(call, 'there is no network');
  }
}

/** Numbers between 0 and 1, each compared with a rate or multiplied by a maximum. */
interface Fate {
  readonly delay: number;
  readonly answerDelay: number;
  readonly failure: number;
  readonly limited: number;
  readonly short: number;
  readonly cut: number;
  readonly lostAnswer: number;
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (milliseconds <= 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  try {
    await untilAborted(promise, signal);
  } finally {
    clearTimeout(timer);
  }
}

function isChange({ operation }: Call): boolean {
  return (
    operation !== 'stat' &&
    operation !== 'list' &&
    operation !== 'read' &&
    operation !== 'usage' &&
    operation !== 'changes'
  );
}

function unavailable(call: Call, message: string): StoreError {
  return failure('Unavailable', call, message);
}

function failure(code: 'Unavailable' | 'RateLimited', call: Call, message: string, retryAfter?: number): StoreError {
  return new StoreError(code, { operation: call.operation, path: call.path, store: 'faults', message, retryAfter });
}
