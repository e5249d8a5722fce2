import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rateAt } from '../http/timetable.ts';
import { timetableOf } from './bandwidth.ts';

const read = (value: string) =>
  timetableOf(new Map([['upload_limit', { key: 'upload_limit', value, line: 7 }]]), 'upload_limit');

describe('a limit of the bandwidth', () => {
  it('is none by default', () => {
    assert.deepEqual(timetableOf(new Map(), 'upload_limit'), []);
    assert.equal(rateAt(read('off'), new Date()), Infinity);
  });

  for (const [text, rate] of [
    ['512', 512 << 10],
    ['512k', 512 << 10],
    ['512K', 512 << 10],
    ['10M', 10 << 20],
    ['1.5M', 1.5 * (1 << 20)],
    ['2G', 2 ** 31],
    ['100B', 100],
    ['1MiB', 1 << 20],
  ] as const)
    it(`${text} is ${rate} bytes per second at any time`, () => {
      assert.equal(rateAt(read(text), new Date()), rate);
    });

  it('by the time of day, on every day', () => {
    const timetable = read('08:00,512k 19:00,10M 23:00,off');
    for (let day = 1; day <= 7; day++) {
      const at = (hours: number, minutes: number): number => rateAt(timetable, new Date(2026, 10, day, hours, minutes));
      assert.equal(at(7, 59), Infinity);
      assert.equal(at(8, 0), 512 << 10);
      assert.equal(at(18, 59), 512 << 10);
      assert.equal(at(19, 0), 10 << 20);
      assert.equal(at(23, 0), Infinity);
    }
  });

  it('by the day of the week', () => {
    const timetable = read('Mon-08:00,512k friday-18:00,off Sat-12:30,1M');
    const at = (day: number, hours: number): number => rateAt(timetable, new Date(2026, 10, day, hours));
    assert.equal(at(1, 12), 1 << 20, 'Sunday: the one of Saturday');
    assert.equal(at(2, 7), 1 << 20);
    assert.equal(at(2, 8), 512 << 10);
    assert.equal(at(6, 17), 512 << 10);
    assert.equal(at(6, 18), Infinity);
    assert.equal(at(7, 13), 1 << 20);
  });

  for (const text of [
    '10X',
    '-1M',
    '0',
    '08:00',
    '08:00,',
    '25:00,1M',
    '24:00,1M',
    '08:60,1M',
    'Mo-08:00,1M',
    '08:00,1M 19:00',
    '08:00,1M 8:00,2M',
    'Mon-08:00,1M 08:00,2M',
    '1M 2M',
    '99999999T',
  ])
    it(`"${text}" is refused with its line`, () => {
      assert.throws(() => read(text), /line 7.*"upload_limit" is a rate/);
    });
});
