import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesText, durationText, plural } from './amounts.ts';
import { progressText } from './progress-text.ts';

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

describe('progressText', () => {
  const progress = { changesDone: 3, changesLeft: 7, bytesDone: 1_000_000, bytesLeft: 3_000_000 };

  it('tells changes, bytes, rate and what is left', () => {
    assert.equal(
      progressText(progress, 2000),
      '[######..................]  3 of 10 changes  1.0 MB of 4.0 MB  500.0 kB/s  6 s left',
    );
  });

  it('knows no rate before the first byte', () => {
    assert.equal(
      progressText({ ...progress, bytesDone: 0 }, 2000),
      '[........................]  3 of 10 changes  0 B of 3.0 MB',
    );
  });

  it('counts changes where there are no bytes', () => {
    const moves = { changesDone: 1, changesLeft: 1, bytesDone: 0, bytesLeft: 0 };
    assert.equal(progressText(moves, 1000), '[############............]  1 of 2 changes  0 B of 0 B');
  });

  it('is full when nothing was to do', () => {
    assert.match(progressText({ changesDone: 0, changesLeft: 0, bytesDone: 0, bytesLeft: 0 }, 0), /^\[#{24}\]/);
  });
});
