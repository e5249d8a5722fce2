import assert from 'node:assert/strict';
import { closeSync, constants, fstatSync, readSync, statSync, writeSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
const O_TMPFILE = 0o20000000 | O_DIRECTORY;

/** open(2), close(2). */
export const openingCases: readonly PosixCase[] = [
  {
    name: 'O_CREAT makes a missing file and opens one that is there',
    run: (trial) => {
      assert.equal(fstatSync(trial.open('a', O_CREAT | O_WRONLY)).size, 0);
      trial.file('a', 'kept');
      assert.equal(trial.read(trial.open('a', O_CREAT | O_RDWR)), 'kept');
    },
  },
  {
    name: 'O_CREAT with O_EXCL is EEXIST on a file and on a directory',
    run: (trial) => {
      trial.close(trial.open('new', O_CREAT | O_EXCL | O_WRONLY));
      trial.folder('folder');
      for (const name of ['new', 'folder']) trial.fails('EEXIST', () => trial.open(name, O_CREAT | O_EXCL | O_WRONLY));
    },
  },
  {
    name: 'a descriptor of a file made with mode 0 can write',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_EXCL | O_RDWR, 0);
      writeSync(descriptor, 'text', 0);
      assert.equal(trial.read(descriptor), 'text');
      assert.equal(fstatSync(descriptor).mode & 0o777, 0);
    },
  },
  {
    name: 'O_TRUNC empties a file, also for who has it open',
    run: (trial) => {
      trial.file('a', 'something');
      const other = trial.open('a', O_RDONLY);
      const descriptor = trial.open('a', O_WRONLY | O_TRUNC);
      assert.equal(fstatSync(descriptor).size, 0);
      assert.equal(trial.read(other), '');
    },
  },
  {
    name: 'a missing file is ENOENT, and so is a missing directory on the way',
    run: (trial) => {
      for (const flags of [O_RDONLY, O_WRONLY, O_RDWR]) trial.fails('ENOENT', () => trial.open('missing', flags));
      trial.fails('ENOENT', () => trial.open('missing/a', O_CREAT | O_WRONLY));
      trial.fails('ENOENT', () => trial.open('missing/../a', O_RDONLY));
    },
  },
  {
    name: 'a file on the way is ENOTDIR',
    run: (trial) => {
      trial.file('a');
      trial.fails('ENOTDIR', () => trial.open('a/b', O_RDONLY));
      trial.fails('ENOTDIR', () => trial.open('a/b', O_CREAT | O_WRONLY));
      trial.fails('ENOTDIR', () => trial.open('a/', O_RDONLY));
      trial.fails('ENOTDIR', () => trial.open('a/..', O_RDONLY));
      trial.fails('ENOTDIR', () => trial.open('a', O_RDONLY | O_DIRECTORY));
    },
  },
  {
    name: 'a directory opened for writing is EISDIR, and a name with a slash behind is not made',
    run: (trial) => {
      trial.folder('d');
      for (const flags of [O_WRONLY, O_RDWR, O_CREAT | O_RDONLY, O_WRONLY | O_TRUNC])
        trial.fails('EISDIR', () => trial.open('d', flags));
      trial.fails('EISDIR', () => trial.open('new/', O_CREAT | O_WRONLY));
      assert.deepEqual(trial.names(), ['d']);
    },
  },
  {
    name: 'read of a directory is EISDIR',
    run: (trial) => {
      const descriptor = trial.open('', O_RDONLY);
      trial.fails('EISDIR', () => readSync(descriptor, Buffer.alloc(1), 0, 1, 0));
    },
  },
  {
    name: 'a descriptor does what it was opened for only: EBADF',
    run: (trial) => {
      trial.file('a', 'text');
      const reading = trial.open('a', O_RDONLY);
      const writing = trial.open('a', O_WRONLY);
      trial.fails('EBADF', () => writeSync(reading, 'x'));
      trial.fails('EBADF', () => readSync(writing, Buffer.alloc(1), 0, 1, 0));
    },
  },
  {
    name: 'a closed descriptor is EBADF',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_WRONLY);
      trial.close(descriptor);
      trial.fails('EBADF', () => fstatSync(descriptor));
      trial.fails('EBADF', () => closeSync(descriptor));
    },
  },
  {
    name: 'descriptors of one file have positions of their own',
    run: (trial) => {
      trial.file('a', 'abcdef');
      const [one, two] = [trial.open('a', O_RDONLY), trial.open('a', O_RDONLY)];
      const next = (descriptor: number): string => {
        const into = Buffer.alloc(2);
        readSync(descriptor, into, 0, 2, null);
        return into.toString();
      };
      assert.deepEqual([next(one), next(one), next(two), next(one)], ['ab', 'cd', 'ab', 'ef']);
    },
  },
  {
    name: 'O_APPEND with O_TRUNC begins at the start',
    run: (trial) => {
      trial.file('a', 'before');
      const descriptor = trial.open('a', O_WRONLY | O_APPEND | O_TRUNC);
      writeSync(descriptor, 'after');
      assert.equal(trial.text('a'), 'after');
    },
  },
  {
    name: 'O_TMPFILE makes a file without a name, or says that it cannot',
    run: (trial) => {
      const make = (): number => trial.open('', O_TMPFILE | O_RDWR);
      if (!trial.features.unnamedFiles) return trial.fails('ENOTSUP EOPNOTSUPP', make);
      const descriptor = make();
      writeSync(descriptor, 'hidden', 0);
      assert.equal(trial.read(descriptor), 'hidden');
      assert.deepEqual(trial.names(), []);
    },
  },
  {
    name: 'a file that is opened again a hundred times is the same file',
    run: (trial) => {
      const { ino } = statSync(trial.file('a', 'text'));
      for (let count = 0; count < 100; count++) {
        const descriptor = trial.open('a', O_RDWR);
        assert.equal(fstatSync(descriptor).ino, ino);
        assert.equal(trial.read(descriptor), 'text');
      }
    },
  },
];
