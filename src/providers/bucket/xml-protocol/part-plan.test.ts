import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partSizeFor, planParts } from './part-plan.ts';

const mebibyte = 1 << 20;

describe('the plan of the parts of a file', () => {
  it('copies what is unchanged, and makes neighbours one part', () => {
    const plan = planParts(50, 10, [
      { start: 0, end: 12 },
      { start: 12, end: 25 },
      { start: 30, end: 50 },
    ]);
    assert.deepEqual(plan, [
      { number: 1, start: 0, end: 20, copied: true },
      { number: 2, start: 20, end: 30, copied: false },
      { number: 3, start: 30, end: 50, copied: true },
    ]);
  });

  it('sends a part that is unchanged but for one byte', () => {
    const copied = planParts(30, 10, [{ start: 1, end: 29 }]).map((part) => part.copied);
    assert.deepEqual(copied, [false, true, false]);
  });

  it('copies no more than 512 MiB at once', () => {
    const size = 1200 * mebibyte;
    const sizes = planParts(size, 8 * mebibyte, [{ start: 0, end: size }]).map(({ start, end }) => end - start);
    assert.deepEqual(sizes, [512 * mebibyte, 512 * mebibyte, 176 * mebibyte]);
  });

  it('covers each byte once, in order, whatever is unchanged', () => {
    const range = fc.tuple(fc.nat(1000), fc.nat(300)).map(([start, length]) => ({ start, end: start + length }));
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 200 }), fc.array(range), (size, partSize, ranges) => {
        const unchanged = ranges.sort((a, b) => a.start - b.start);
        const parts = planParts(size, partSize, unchanged);
        assert.equal(parts[0]?.start, 0);
        assert.equal(parts.at(-1)?.end, size);
        const known = (at: number): boolean => unchanged.some(({ start, end }) => start <= at && at < end);
        for (const [index, part] of parts.entries()) {
          assert.equal(part.number, index + 1);
          if (index > 0) assert.equal(part.start, parts[index - 1]?.end);
          if (index < parts.length - 1) assert.ok(part.end - part.start >= partSize);
          if (part.copied) for (let at = part.start; at < part.end; at++) assert.ok(known(at), `byte ${at}`);
        }
      }),
    );
  });
});

it('parts grow so that 10,000 suffice for 5 TiB', () => {
  assert.equal(partSizeFor(80_000 * mebibyte, 8 * mebibyte), 8 * mebibyte);
  assert.equal(partSizeFor(80_001 * mebibyte, 8 * mebibyte), 9 * mebibyte);
  const size = 5 * 2 ** 40;
  const parts = planParts(size, partSizeFor(size, 8 * mebibyte));
  assert.ok(parts.length <= 10_000 && parts.length > 9_000);
});
