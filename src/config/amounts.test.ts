import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesText, durationText, plural } from './amounts.ts';

describe('amounts', () => {
  it('are plural but for one', () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => plural(count, 'file')),
      ['0 files', '1 file', '2 files'],
    );
  });

  it('have units of 1000 bytes', () => {
    const bytes = [0, 999, 1000, 1250, 999_949, 999_950, 5e9, 1.5e18];
    assert.deepEqual(bytes.map(bytesText), [
      '0 B',
      '999 B',
      '1.0 kB',
      '1.3 kB',
      '999.9 kB',
      '1.0 MB',
      '5.0 GB',
      '1500.0 PB',
    ]);
  });

  it('tell times by their two largest units', () => {
    assert.deepEqual([-5, 1, 59_000, 61_000, 3_700_000].map(durationText), [
      '0 s',
      '1 s',
      '59 s',
      '1 min 1 s',
      '1 h 1 min',
    ]);
  });
});
