import { seededRandom } from '../../src/layers/seeded-random.ts';
import { type Direction, FlakyProxy } from '../fakes/flaky-proxy.ts';
import { faultSchedule } from './fault-schedule.ts';
import { FaultyGateway } from './faulty-gateway.ts';

/** Bytes between two faults of the connections themselves: every file of `copiedTree` gets through in the end. */
const leastBytes = 200_000;
const mostBytes = 2_000_000;

/**
 * The way to a server on this machine, with all that can go wrong on it: connections that break or fall silent after some bytes, and
 * behind that a gateway which answers for the server. Both follow a seed.
 */
export class FaultyLine implements AsyncDisposable {
  readonly proxy: FlakyProxy;
  readonly gateway: FaultyGateway;
  /** How many connections were broken, and how many fell silent. */
  readonly counts: { broken: number; silent: number } = { broken: 0, silent: 0 };
  readonly #random: () => number;
  readonly #end: PromiseWithResolvers<'over'> = Promise.withResolvers();

  private constructor(proxy: FlakyProxy, gateway: FaultyGateway, seed: number) {
    this.proxy = proxy;
    this.gateway = gateway;
    this.#random = seededRandom(seed + 1);
  }

  /** The way to a port of 127.0.0.1, without faults until `begin`. */
  static async start(target: number, seed: number): Promise<FaultyLine> {
    const gateway = await FaultyGateway.start(target, faultSchedule(seed));
    const proxy = await FlakyProxy.start(gateway.port);
    proxy.roundTrip = 2;
    return new FaultyLine(proxy, gateway, seed);
  }

  /** From now on it is bad, until the end. */
  begin(): void {
    this.gateway.isFaulty = true;
    for (const direction of ['up', 'down'] as const) void this.#trouble(direction);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.resolve('over');
    await this.proxy.stop();
    await this.gateway[Symbol.asyncDispose]();
  }

  async #trouble(direction: Direction): Promise<void> {
    for (let count = 0; ; count++) {
      const isSilent = count % 3 === 1;
      const bytes = Math.round(leastBytes + this.#random() * (mostBytes - leastBytes));
      const fault = isSilent ? this.proxy.stallAfter(direction, bytes) : this.proxy.breakAfter(direction, bytes);
      if ((await Promise.race([fault, this.#end.promise])) === 'over') return;
      this.counts[isSilent ? 'silent' : 'broken']++;
    }
  }
}
