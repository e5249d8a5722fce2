import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { Ranges } from './ranges.ts';

const limit = 40;
const position = fc.nat(limit);
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), from: position, to: position }),
  fc.record({ kind: fc.constant('cut' as const), from: position, to: position }),
);

test('it is the set of the bytes that were added and not cut off', (t) => {
  t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), position, position, (steps, from, to) => {
      const ranges = new Ranges();
      const bytes = new Set<number>();
      for (const { kind, from, to } of steps) {
        if (kind === 'add') ranges.add(from, to);
        else ranges.cut(from);
        for (const byte of span(from, kind === 'add' ? to : limit)) {
          if (kind === 'add') bytes.add(byte);
          else bytes.delete(byte);
        }
      }
      const wanted = span(from, to);
      assert.equal(ranges.bytes, bytes.size);
      assert.equal(
        ranges.covers(from, to),
        wanted.every((byte) => bytes.has(byte)),
      );
      const gaps = ranges.missing(from, to);
      assert.deepEqual(
        gaps.flatMap(({ start, end }) => span(start, end)),
        wanted.filter((byte) => !bytes.has(byte)),
      );
      assertShortest(ranges.toJSON());
      assert.deepEqual(Ranges.parse(JSON.stringify(ranges)).toJSON(), ranges.toJSON());
    }),
    { seed, numRuns: runsOr(2000) },
  );
});

test('positions of large files are exact', () => {
  const end = 2 ** 45;
  const ranges = new Ranges();
  ranges.add(end - 2, end);
  ranges.add(0, 1);
  assert.deepEqual(ranges.missing(0, end), [{ start: 1, end: end - 2 }]);
});

test('changing a copy leaves the original alone', () => {
  const ranges = new Ranges();
  ranges.add(0, 10);
  new Ranges(ranges.toJSON()).cut(5);
  assert.equal(ranges.bytes, 10);
});

function span(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** Each edge is behind the one before: no empty ranges, and none that touch. */
function assertShortest(edges: readonly number[]): void {
  for (const [i, edge] of edges.entries()) assert.ok(i === 0 || edge > (edges[i - 1] as number), edges.join());
}
