import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { BusyTime, type OpenInterval } from './busy-time.ts';

test('overlaps count once, idle time not at all', () => {
  const busy = new BusyTime();
  const first = busy.begin(0);
  const second = busy.begin(4);
  busy.count(first, 10);
  busy.count(second, 15);
  const third = busy.begin(100);
  busy.count(third, 101);
  assert.equal(busy.total, 16);
});

test('what is dropped does not count, but what it overlapped does', () => {
  const busy = new BusyTime();
  const dropped = busy.begin(0);
  const counted = busy.begin(5);
  busy.count(counted, 6);
  busy.drop(dropped);
  assert.equal(busy.total, 1);
});

test('an interval ends once', () => {
  const busy = new BusyTime();
  const interval = busy.begin(0);
  busy.drop(interval);
  assert.throws(() => busy.count(interval, 1), TypeError);
});

test('the total is the length of the naive union, after every end', (context) => {
  context.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  // Each step lets time pass, and begins an interval or ends (counts or drops) one of those that are open.
  const step = fc.record({
    pause: fc.integer({ min: 0, max: 3 }),
    action: fc.constantFrom('begin', 'begin', 'count', 'count', 'drop'),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const busy = new BusyTime();
      const open: OpenInterval[] = [];
      const counted: [number, number][] = [];
      let now = 0;
      for (const { pause, action, which } of steps) {
        now += pause;
        if (action === 'begin') open.push(busy.begin(now));
        const [ended] = action === 'begin' || open.length === 0 ? [] : open.splice(which % open.length, 1);
        if (ended === undefined) continue;
        if (action === 'drop') busy.drop(ended);
        else {
          busy.count(ended, now);
          counted.push([ended.start, now]);
        }
        assert.equal(busy.total, naiveUnion(counted));
      }
    }),
    { seed, numRuns: runsOr(500) },
  );
});

function naiveUnion(intervals: readonly [number, number][]): number {
  const units = new Set<number>();
  for (const [start, end] of intervals) for (let unit = start; unit < end; unit += 1) units.add(unit);
  return units.size;
}
