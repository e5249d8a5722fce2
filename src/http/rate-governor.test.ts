import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../test/fakes/http/virtual-clock.ts';
import { isStoreError } from '../store/errors.ts';
import { type Place, RateGovernor } from './rate-governor.ts';

/** Fills every place, has all of them answered, and says how many there were. */
async function round(governor: RateGovernor, outcome: 'success' | 'throttled'): Promise<number> {
  const places: Place[] = [];
  while (governor.inFlight < governor.limit) places.push(await governor.enter());
  for (const place of places) governor.leave(place, outcome);
  return places.length;
}

async function eight(governor: RateGovernor): Promise<Place[]> {
  return await Promise.all(Array.from({ length: 8 }, async () => await governor.enter()));
}

test('the limit grows with each answer until the first complaint, up to the most', async () => {
  const governor = new RateGovernor({ first: 4, most: 50 });
  const rounds: number[] = [];
  for (let count = 0; count < 10; count++) rounds.push(await round(governor, 'success'));
  assert.deepEqual(rounds.slice(0, 4), [4, 7, 11, 17]);
  assert.equal(governor.limit, 50);
});

test('a limit that nobody comes near does not grow', async () => {
  const governor = new RateGovernor({ first: 8 });
  for (let count = 0; count < 100; count++) governor.leave(await governor.enter(), 'success');
  assert.equal(governor.limit, 8);
});

test('the first round of complaints halves the limit, each later one takes three tenths; then it grows by about one for each round', async () => {
  const governor = new RateGovernor({ first: 32, most: 64 });
  await round(governor, 'throttled');
  assert.equal(governor.limit, 16);
  await round(governor, 'throttled');
  assert.equal(governor.limit, 11);
  for (let count = 0; count < 10; count++) await round(governor, 'success');
  assert.ok(governor.limit >= 15 && governor.limit <= 21, String(governor.limit));
});

test('answers to requests that began before the complaint do not let the limit grow again', async () => {
  const governor = new RateGovernor({ first: 8 });
  const places = await eight(governor);
  governor.leave(places[0] as Place, 'throttled');
  for (const place of places.slice(1)) governor.leave(place, 'success');
  assert.equal(governor.limit, 4);
});

test('complaints in texts halve once for those that were under way together', async () => {
  const governor = new RateGovernor({ first: 16, most: 16 });
  const places = await eight(governor);
  for (const place of places) {
    governor.leave(place, 'success');
    governor.throttled();
  }
  assert.equal(governor.limit, 8);
  governor.leave(await governor.enter(), 'success');
  governor.throttled();
  assert.equal(governor.limit, 5);
});

test('the limit never falls below one, and a failed connection says nothing about it', async () => {
  const governor = new RateGovernor({ first: 4, most: 8 });
  for (let count = 0; count < 10; count++) await round(governor, 'throttled');
  assert.equal(governor.limit, 1);
  governor.leave(await governor.enter(), 'failure');
  assert.deepEqual([governor.limit, governor.inFlight], [1, 0]);
});

test('whoever came first begins first, and one who gives up lets the next one through', async () => {
  const governor = new RateGovernor({ first: 1, most: 1 });
  const first = await governor.enter();
  const begun: number[] = [];
  const abort = new AbortController();
  const enter = async (number: number, signal?: AbortSignal): Promise<void> => {
    const place = await governor.enter(signal);
    begun.push(number);
    await Promise.resolve();
    governor.leave(place, 'success');
  };
  const waiting = [enter(1), enter(2, abort.signal), enter(3), enter(4)];
  const reason = new Error('enough');
  abort.abort(reason);
  await assert.rejects(waiting[1] as Promise<void>, (error) => error === reason);
  governor.leave(first, 'success');
  await Promise.all([waiting[0], waiting[2], waiting[3]]);
  assert.deepEqual(begun, [1, 3, 4]);
});

test('a pause that the service wants holds everybody until it is over, and no longer', async () => {
  const clock = new VirtualClock();
  const governor = new RateGovernor({ first: 8, clock });
  governor.leave(await governor.enter(), 'throttled', 5000);
  let begun = 0;
  const waiting = [1, 2].map(async () => {
    await governor.enter();
    begun++;
  });
  await clock.advance(4999);
  assert.equal(begun, 0);
  await clock.advance(1);
  await Promise.all(waiting);
  assert.equal(begun, 2);
  assert.equal(clock.waiting, 0);
});

test('a pause leaves no alarm behind when all who waited have given up', async () => {
  const clock = new VirtualClock();
  const governor = new RateGovernor({ clock });
  governor.throttled(5000);
  const abort = new AbortController();
  const waiting = Promise.resolve(governor.enter(abort.signal));
  assert.equal(clock.waiting, 1);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(clock.waiting, 0);
});

test('while the service wants a long pause, requests fail at once and say how long', async () => {
  const clock = new VirtualClock();
  const governor = new RateGovernor({ first: 1, longestPause: 10_000, clock });
  const place = await governor.enter();
  const waiting = assert.rejects(Promise.resolve(governor.enter()), (error) => isStoreError(error, 'RateLimited'));
  governor.leave(place, 'throttled', 60_000);
  await waiting;
  assert.throws(
    () => governor.enter(),
    (error) => isStoreError(error, 'RateLimited') && error.retryAfter === 60_000,
  );
  await clock.advance(50_000);
  const late = Promise.resolve(governor.enter());
  await clock.advance(10_000);
  governor.leave(await late, 'success');
});

test('an aborted signal does not even wait', () => {
  const reason = new Error('enough');
  assert.throws(
    () => new RateGovernor().enter(AbortSignal.abort(reason)),
    (error) => error === reason,
  );
});

test('a pause that is over before its alarm rings keeps nobody waiting', { timeout: 10_000 }, async () => {
  let time = 0;
  const clock = { now: () => time, after: () => () => undefined };
  const governor = new RateGovernor({ first: 1, clock });
  governor.leave(await governor.enter(), 'throttled', 1000);
  const waiting = governor.enter();
  time = 1000;
  const late = governor.enter();
  governor.leave(await waiting, 'success');
  governor.leave(await late, 'success');
  governor.leave(await governor.enter(), 'throttled', 1000);
  const leaving = new AbortController();
  const [aborted, next] = [governor.enter(leaving.signal), governor.enter()];
  time = 2000;
  leaving.abort(new Error('left'));
  await assert.rejects(async () => await aborted, /left/);
  governor.leave(await next, 'success');
});
