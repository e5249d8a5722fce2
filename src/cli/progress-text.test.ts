import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { progressText } from './progress-text.ts';

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
