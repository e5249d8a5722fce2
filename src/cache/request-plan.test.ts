import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import type { ByteRange } from '../store/store.ts';
import { Node } from './node.ts';
import { Arrival, RangeRequest } from './arrival.ts';
import { Ranges } from './ranges.ts';
import { planRequests, type RequestPlan, type WantedRange } from './request-plan.ts';

const kibibyte = 1 << 10;
const mebibyte = 1 << 20;

function planOf(
  wanted: Partial<WantedRange>,
  under: readonly (ByteRange & { at?: number; hasBegun?: boolean })[] = [],
): RequestPlan {
  const arrival = new Arrival(new Node(20, 'file'), 1);
  for (const { at, hasBegun = true, ...range } of under)
    Object.assign(new RangeRequest(arrival, range), { at: at ?? range.start, hasBegun });
  const { start = 0, end = start } = wanted;
  const whole = { size: 512 * mebibyte, present: new Ranges(), start, end, ahead: end, ...wanted };
  return planRequests(whole, arrival.requests);
}

describe('the plan of requests', () => {
  it('is one small aligned block for a small read', () => {
    const { urgent, later } = planOf({ start: 100 * mebibyte + 5000, end: 100 * mebibyte + 9096 });
    assert.deepEqual(urgent, [{ start: 100 * mebibyte, end: 100 * mebibyte + 64 * kibibyte }]);
    assert.deepEqual(later, []);
  });

  it('is one request for a small file, whatever of it is wanted at once', () => {
    const size = 300 * kibibyte + 7;
    const { urgent, later } = planOf({ size, start: 0, end: 4096, ahead: 900 * kibibyte });
    assert.deepEqual(urgent, [{ start: 0, end: size }]);
    assert.deepEqual(later, []);
  });

  it('has what is waited for in front, and large requests beside each other for the rest', () => {
    const { urgent, later } = planOf({ start: 0, end: 128 * kibibyte, ahead: 10 * mebibyte });
    assert.deepEqual(urgent, [{ start: 0, end: mebibyte }]);
    assert.deepEqual(
      later.map(({ start, end }) => [start / mebibyte, end / mebibyte]),
      [
        [1, 5],
        [5, 9],
        [9, 10],
      ],
    );
  });

  it('asks for nothing that is on its way', () => {
    const { urgent, later } = planOf({ start: 0, end: 128 * kibibyte, ahead: 8 * mebibyte }, [
      { start: 0, end: 4 * mebibyte },
      { start: 6 * mebibyte, end: 10 * mebibyte, hasBegun: false },
    ]);
    assert.deepEqual(urgent, []);
    assert.deepEqual(later, [{ start: 4 * mebibyte, end: 6 * mebibyte }]);
  });

  it('asks again for a block that much else would come before', () => {
    const wanted = { start: 3 * mebibyte, end: 3 * mebibyte + 10 };
    const block = [{ start: 3 * mebibyte, end: 3 * mebibyte + 64 * kibibyte }];
    const under = { start: 0, end: 4 * mebibyte };
    assert.deepEqual(planOf(wanted, [under]).urgent, block);
    assert.deepEqual(planOf(wanted, [{ ...under, hasBegun: false }]).urgent, block);
    assert.deepEqual(planOf(wanted, [{ ...under, at: 2.5 * mebibyte }]).urgent, []);
  });

  it('promotes a request whose turn had not come, and that begins with what is waited for', () => {
    const under = { start: 0, end: 4 * mebibyte, hasBegun: false };
    assert.deepEqual(
      planOf({ start: 0, end: 10 }, [under]).promoted.map(({ end }) => end),
      [4 * mebibyte],
    );
    assert.deepEqual(planOf({ start: 0, end: 0, ahead: 10 }, [under]).promoted, []);
  });

  it(`brings all that is missing and nothing twice (seed ${seed})`, () => {
    for (let run = 0; run < runsOr(300); run++) planAtRandom(seed + run);
  });
});

/** In units of 16 KiB, so that positions are aligned and not. */
function planAtRandom(runSeed: number): void {
  const random = seededRandom(runSeed);
  const unit = 16 * kibibyte;
  const units = 1 + Math.floor(random() * 1000);
  const below = (limit: number): number => Math.floor(random() * limit);
  const range = (): ByteRange => {
    const start = below(units);
    return { start: start * unit, end: (start + 1 + below(units - start)) * unit };
  };
  const size = units * unit;
  const present = new Ranges();
  for (let i = below(4); i > 0; i--) {
    const { start, end } = range();
    present.add(start, Math.min(end, start + 20 * unit));
  }
  const under = Array.from({ length: below(4) }, range).map((found) => ({ ...found, hasBegun: random() < 0.5 }));
  const wanted = range();
  const ahead = Math.min(size, wanted.end + below(units) * unit);
  const { urgent, later } = planOf({ size, present, ...wanted, ahead }, under);
  const asked = [...urgent, ...later];
  for (let at = wanted.start; at < ahead; at += unit) {
    const has = ({ start, end }: ByteRange): boolean => start <= at && at < end;
    const times = asked.filter(has).length;
    const isComing = present.covers(at, at + unit) || under.some(has);
    assert.ok(times === 1 || (times === 0 && isComing), `seed ${runSeed}: ${times} requests for ${at / unit}`);
    if (present.covers(at, at + unit)) assert.equal(times, 0, `seed ${runSeed}: ${at / unit} is here`);
    const mayRepeat = at < Math.ceil(wanted.end / (64 * kibibyte)) * 64 * kibibyte;
    if (!mayRepeat && under.some(has)) assert.equal(times, 0, `seed ${runSeed}: ${at / unit} is on its way`);
  }
}
