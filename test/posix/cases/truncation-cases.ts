import assert from 'node:assert/strict';
import { constants, fstatSync, ftruncateSync, statSync, truncateSync, writeSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';

const { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** truncate(2), ftruncate(2). */
export const truncationCases: readonly PosixCase[] = [
  {
    name: 'truncation cuts, and lengthens with zeros, never with what was cut off',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, 'x'.repeat(10_000), 0);
      for (const size of [5000, 4096, 1, 0]) {
        ftruncateSync(descriptor, size);
        assert.equal(fstatSync(descriptor).size, size);
        ftruncateSync(descriptor, 10_000);
        assert.equal(trial.read(descriptor, 0, 20_000), 'x'.repeat(size) + '\0'.repeat(10_000 - size));
      }
    },
  },
  {
    name: 'a file truncated by another descriptor ends there for all',
    run: (trial) => {
      trial.file('a', '0123456789');
      const [one, two] = [trial.open('a', O_RDWR), trial.open('a', O_RDWR)];
      assert.equal(trial.read(one), '0123456789');
      ftruncateSync(two, 4);
      assert.equal(trial.read(one), '0123');
      assert.equal(fstatSync(one).size, 4);
      writeSync(one, '89', 8);
      assert.equal(trial.read(two), '0123\0\0\0\x0089');
    },
  },
  {
    name: 'a file truncated by its path is cut for who has it open',
    run: (trial) => {
      const path = trial.file('a', 'x'.repeat(100_000));
      const descriptor = trial.open('a', O_RDWR);
      assert.equal(trial.read(descriptor, 99_999), 'x');
      truncateSync(path, 50_000);
      assert.equal(trial.read(descriptor, 49_999), 'x');
      truncateSync(path, 60_000);
      assert.equal(trial.read(descriptor, 49_999, 3), 'x\0\0');
    },
  },
  {
    name: 'a truncation to the same size changes no byte',
    run: (trial) => {
      const path = trial.file('a', 'same');
      truncateSync(path, 4);
      assert.equal(trial.text('a'), 'same');
    },
  },
  {
    name: 'the position stays behind a truncation, and the next write leaves a hole',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, '12345');
      ftruncateSync(descriptor, 0);
      writeSync(descriptor, '6');
      assert.equal(trial.text('a'), '\0\0\0\0\x006');
    },
  },
  {
    name: 'an appender writes at the new end after a truncation',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_WRONLY | O_APPEND);
      writeSync(descriptor, '12345');
      ftruncateSync(descriptor, 2);
      writeSync(descriptor, 'x');
      assert.equal(trial.text('a'), '12x');
    },
  },
  {
    name: 'truncation of what cannot be truncated says why',
    run: (trial) => {
      trial.folder('d');
      trial.file('a');
      trial.fails('EISDIR', () => truncateSync(trial.path('d'), 0));
      trial.fails('ENOENT', () => truncateSync(trial.path('missing'), 0));
      trial.fails('ENOTDIR', () => truncateSync(trial.path('a', 'b'), 0));
      trial.fails('EINVAL', () => ftruncateSync(trial.open('a', O_RDONLY), 0));
      assert.equal(statSync(trial.path('a')).size, 0);
    },
  },
  {
    name: 'a truncation beyond the largest file is EFBIG or ENOSPC at once, and leaves the file as it was',
    run: (trial) => {
      const path = trial.file('a', 'small');
      trial.succeedsOrFails('EFBIG ENOSPC', () => truncateSync(path, Number.MAX_SAFE_INTEGER), {
        done: () => assert.equal(statSync(path).size, Number.MAX_SAFE_INTEGER),
        failed: () => assert.equal(trial.text('a'), 'small'),
      });
    },
  },
];
