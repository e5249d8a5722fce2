import assert from 'node:assert/strict';
import { constants, fdatasyncSync, fsyncSync, mkdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';

const { O_CREAT, O_RDONLY, O_RDWR } = constants;

/** fsync(2), fdatasync(2). That they keep their promise is shown where daemons are killed. */
export const syncingCases: readonly PosixCase[] = [
  {
    name: 'fsync and fdatasync of a file, however it was opened',
    run: (trial) => {
      const writer = trial.open('a', O_CREAT | O_RDWR);
      writeSync(writer, 'text', 0);
      for (const descriptor of [writer, trial.open('a', O_RDONLY)]) {
        fsyncSync(descriptor);
        fdatasyncSync(descriptor);
      }
      assert.equal(trial.text('a'), 'text');
    },
  },
  {
    name: 'fsync of a directory, after each kind of change in it',
    run: (trial) => {
      const descriptor = trial.open('', O_RDONLY);
      trial.file('a');
      fsyncSync(descriptor);
      mkdirSync(trial.path('d'));
      fdatasyncSync(descriptor);
      renameSync(trial.path('a'), trial.path('d', 'a'));
      fsyncSync(descriptor);
      unlinkSync(trial.path('d', 'a'));
      fsyncSync(descriptor);
      assert.deepEqual(trial.names(), ['d']);
    },
  },
  {
    name: 'fsync of an empty file, and of one that has no name',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      fsyncSync(descriptor);
      unlinkSync(trial.path('a'));
      writeSync(descriptor, 'hidden', 0);
      fsyncSync(descriptor);
      assert.equal(trial.read(descriptor), 'hidden');
    },
  },
  {
    name: 'fsync after fsync with one byte between, fifty times',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      for (let count = 0; count < 50; count++) {
        writeSync(descriptor, 'x');
        fsyncSync(descriptor);
      }
      assert.equal(trial.text('a'), 'x'.repeat(50));
    },
  },
];
