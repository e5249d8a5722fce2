import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../test/fakes/http/virtual-clock.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { RateGovernor } from './rate-governor.ts';

/** A service that answers each request after a while and complains above a number of requests at once (mulberry32). */
function randomNumbers(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Outcome {
  readonly complaints: number;
  readonly mostInFlight: number;
  readonly milliseconds: number;
}

async function simulate(random: () => number, capacity: number, requests: number): Promise<Outcome> {
  const clock = new VirtualClock();
  const governor = new RateGovernor({ first: 16, most: 128, clock });
  let underWay = 0;
  let complaints = 0;
  let mostInFlight = 0;
  const request = async (): Promise<void> => {
    for (;;) {
      const place = await governor.enter();
      underWay++;
      mostInFlight = Math.max(mostInFlight, underWay);
      const isRefused = underWay > capacity;
      await new Promise<void>((resolve) => void clock.after(20 + random() * 60, resolve));
      underWay--;
      assert.ok(governor.inFlight <= 128);
      governor.leave(place, isRefused ? 'throttled' : 'success', isRefused && random() < 0.2 ? 100 : undefined);
      if (!isRefused) return;
      complaints++;
    }
  };
  const all = Promise.all(Array.from({ length: requests }, request));
  await clock.run();
  await all;
  assert.deepEqual([governor.inFlight, clock.waiting], [0, 0]);
  return { complaints, mostInFlight, milliseconds: clock.now() };
}

test(`any service is served whole, with few complaints and most of its capacity in use (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  for (let run = 0; run < runsOr(6); run++) {
    const random = randomNumbers(seed + run * 7919);
    const capacity = 6 + Math.floor(random() * 60);
    const requests = 600;
    const { complaints, milliseconds } = await simulate(random, capacity, requests);
    const ideal = (requests * 50) / capacity;
    const told = `seed ${seed}, run ${run}, capacity ${capacity}: ${complaints} complaints, ${milliseconds} of ${ideal} ms`;
    assert.ok(complaints < requests * 0.3, told);
    assert.ok(milliseconds < ideal * 3 + 2000, told);
  }
});
