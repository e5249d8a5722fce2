import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortSteps } from './sort-steps.ts';

/** The result, and the most comparisons between two steps. */
function sorted(values: readonly (readonly [key: number, at: number])[]): { result: number[][]; most: number } {
  let [compared, most] = [0, 0];
  const steps = sortSteps(values, ([a], [b]) => {
    most = Math.max(most, ++compared);
    return a - b;
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return { result: step.value.map((value) => [...value]), most };
    compared = 0;
  }
}

test('it sorts as sort does, equal ones stay in their order, and no step does much', () => {
  for (const count of [0, 1, 63, 64, 65, 129, 5000]) {
    const random = Array.from({ length: count }, (_, i) => [(i * 7919) % 101, i] as const);
    for (const values of [random, random.map(([key], i) => [i - key, i] as const), random.toReversed()]) {
      const { result, most } = sorted(values);
      assert.deepEqual(
        result,
        values.toSorted(([a], [b]) => a - b).map((value) => [...value]),
      );
      assert.ok(most < 1000, `${most} comparisons in one step`);
    }
  }
});
