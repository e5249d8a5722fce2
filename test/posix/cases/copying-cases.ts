import assert from 'node:assert/strict';
import { constants, copyFileSync, fstatSync, writeSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import { copyFileRange, lseek } from '../system-calls.ts';

const { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** copy_file_range(2). */
export const copyingCases: readonly PosixCase[] = [
  {
    name: 'copy_file_range copies a piece to any place, and moves no position when it is told offsets',
    run: (trial) => {
      trial.file('from', '0123456789');
      const from = trial.open('from', O_RDONLY);
      const to = trial.open('to', O_CREAT | O_RDWR);
      assert.equal(copyFileRange({ descriptor: from, offset: 2 }, { descriptor: to, offset: 5 }, 3), 3);
      assert.equal(trial.read(to), '\0\0\0\0\x00234');
      assert.deepEqual([lseek(from, 0, 1), lseek(to, 0, 1)], [0, 0]);
    },
  },
  {
    name: 'copy_file_range without offsets goes on where the descriptors are, up to the end',
    run: (trial) => {
      trial.file('from', '0123456789');
      const from = trial.open('from', O_RDONLY);
      const to = trial.open('to', O_CREAT | O_RDWR);
      const copied: number[] = [];
      for (let count = 0; count < 4; count++) copied.push(copyFileRange({ descriptor: from }, { descriptor: to }, 4));
      assert.deepEqual(copied, [4, 4, 2, 0]);
      assert.equal(trial.text('to'), '0123456789');
    },
  },
  {
    name: 'copy_file_range sees what was written before it, and is seen by reads after it',
    run: (trial) => {
      const from = trial.open('from', O_CREAT | O_RDWR);
      const to = trial.open('to', O_CREAT | O_RDWR);
      const reader = trial.open('to', O_RDONLY);
      for (let count = 0; count < 20; count++) {
        const text = `round ${count}`.padEnd(5000, '.');
        writeSync(from, text, 0);
        for (let done = 0; done < 5000; )
          done += copyFileRange({ descriptor: from, offset: done }, { descriptor: to, offset: done }, 5000 - done);
        assert.equal(trial.read(reader, 0, 6000), text);
      }
    },
  },
  {
    name: 'copy_file_range within a file copies what does not overlap, and else is EINVAL',
    run: (trial) => {
      trial.file('a', '0123456789');
      const descriptor = trial.open('a', O_RDWR);
      assert.equal(copyFileRange({ descriptor, offset: 0 }, { descriptor, offset: 6 }, 4), 4);
      assert.equal(trial.read(descriptor), '0123450123');
      trial.fails('EINVAL', () => copyFileRange({ descriptor, offset: 0 }, { descriptor, offset: 2 }, 4));
    },
  },
  {
    name: 'copy_file_range wants a file to read and one to write, not to append: EBADF, EISDIR',
    run: (trial) => {
      trial.file('a', 'text');
      const descriptor = trial.open('a', O_RDWR);
      trial.fails('EBADF', () => copyFileRange({ descriptor }, { descriptor: trial.open('b', O_CREAT | O_RDONLY) }, 4));
      trial.fails('EBADF', () => copyFileRange({ descriptor: trial.open('b', O_WRONLY) }, { descriptor }, 4));
      trial.fails('EBADF', () => copyFileRange({ descriptor }, { descriptor: trial.open('b', O_RDWR | O_APPEND) }, 4));
      trial.fails('EISDIR', () => copyFileRange({ descriptor: trial.open('', O_RDONLY) }, { descriptor }, 4));
    },
  },
  {
    name: 'a large file is copied whole',
    run: (trial) => {
      const content = Buffer.alloc(3_000_001, 'content of a large file. ');
      copyFileSync(trial.file('from', content), trial.path('to'));
      const to = trial.open('to', O_RDONLY);
      assert.equal(fstatSync(to).size, content.length);
      assert.deepEqual(trial.bytes(to, 0, content.length + 1), content);
    },
  },
];
