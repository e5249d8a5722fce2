import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from './clock.ts';
import { type Place, RateGovernor } from './rate-governor.ts';

/** Time that passes when the test says so. */
class StoppedClock implements Clock {
  #now = 0;
  readonly #later: { at: number; work: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delay: number, work: () => void): () => void {
    const entry = { at: this.#now + delay, work };
    this.#later.push(entry);
    return () => void this.#later.splice(this.#later.indexOf(entry), 1);
  }

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const entry of this.#later.filter(({ at }) => at <= this.#now)) {
      this.#later.splice(this.#later.indexOf(entry), 1);
      entry.work();
    }
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Begins requests without waiting, and answers the places of those that were let in. */
async function begin(governor: RateGovernor, count: number): Promise<Place[]> {
  const entered: Place[] = [];
  for (let i = 0; i < count; i++) void governor.enter().then((place) => entered.push(place));
  await settled();
  return entered;
}

describe('RateGovernor', () => {
  it('lets in as many as the limit, and the others in their order', async () => {
    const governor = new RateGovernor({ first: 2, most: 2, clock: new StoppedClock() });
    const order: number[] = [];
    const places = await begin(governor, 2);
    for (const number of [1, 2, 3]) void governor.enter().then(() => order.push(number));
    await settled();
    assert.deepEqual([governor.running, order], [2, []]);
    for (const place of places) governor.leave(place, 'success');
    await settled();
    assert.deepEqual([governor.running, order], [2, [1, 2]]);
  });

  it('grows with each answer until the service has had enough, then with each round', async () => {
    const governor = new RateGovernor({ first: 4, most: 100, clock: new StoppedClock() });
    for (const place of await begin(governor, 4)) governor.leave(place, 'success');
    assert.equal(governor.limit, 8);
    for (const place of await begin(governor, 8)) governor.leave(place, 'throttled');
    assert.equal(governor.limit, 4, 'halved once for all that were under way');
    for (const place of await begin(governor, 4)) governor.leave(place, 'success');
    assert.equal(governor.limit, 4);
    for (const place of await begin(governor, 4)) governor.leave(place, 'success');
    assert.equal(governor.limit, 5);
  });

  it('never falls below one, nor rises above the most', async () => {
    const governor = new RateGovernor({ first: 4, most: 6, clock: new StoppedClock() });
    for (let i = 0; i < 10; i++) governor.throttled();
    assert.equal(governor.limit, 1);
    for (let i = 0; i < 200; i++) for (const place of await begin(governor, 1)) governor.leave(place, 'success');
    assert.equal(governor.limit, 6);
  });

  it('holds everybody for as long as the service asks', async () => {
    const clock = new StoppedClock();
    const governor = new RateGovernor({ first: 4, clock });
    for (const place of await begin(governor, 1)) governor.leave(place, 'throttled', 2000);
    const late = begin(governor, 1);
    await clock.pass(1999);
    assert.equal(governor.running, 0);
    await clock.pass(1);
    assert.equal(governor.running, 1);
    assert.equal((await late).length, 1);
  });

  it('lets go of who does not want to wait any more', async () => {
    const governor = new RateGovernor({ first: 1, most: 1, clock: new StoppedClock() });
    const places = await begin(governor, 1);
    const controller = new AbortController();
    const waiting = governor.enter(controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    await assert.rejects(governor.enter(controller.signal), (error) => error === reason);
    for (const place of places) governor.leave(place, 'success');
    assert.equal(governor.running, 0);
    assert.equal((await begin(governor, 1)).length, 1);
  });
});
