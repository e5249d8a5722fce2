import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { type PosixCase, unlessRoot } from '../posix-case.ts';

const { O_CREAT, O_RDWR, O_WRONLY } = constants;

/** chmod(2), chown(2), umask(2), stat(2). */
export const attributeCases: readonly PosixCase[] = [
  {
    name: 'chmod sets the permission bits of a file and of a directory, and nothing else',
    run: (trial) => {
      const [file, folder] = [trial.file('a', 'text'), trial.folder('d')];
      for (const mode of [0o600, 0o755, 0o444, 0o777, 0o000, 0o640]) {
        for (const path of [file, folder]) {
          const before = statSync(path);
          chmodSync(path, mode);
          const after = statSync(path);
          assert.equal(after.mode, (before.mode & ~0o7777) | mode);
          assert.deepEqual([after.ino, after.size, after.mtimeMs], [before.ino, before.size, before.mtimeMs]);
        }
      }
      trial.fails('ENOENT', () => chmodSync(trial.path('missing'), 0o600));
    },
  },
  {
    name: 'set-user-ID, set-group-ID and sticky bits are kept',
    run: (trial) => {
      const [file, folder] = [trial.file('a'), trial.folder('d')];
      for (const mode of [0o4755, 0o2755, 0o6711]) {
        chmodSync(file, mode);
        assert.equal(statSync(file).mode & 0o7777, mode);
      }
      chmodSync(folder, 0o1777);
      assert.equal(statSync(folder).mode & 0o7777, 0o1777);
    },
  },
  {
    name: 'chmod by descriptor, while others have the file open',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      const other = trial.open('a', O_RDWR);
      fchmodSync(descriptor, 0o400);
      assert.equal(fstatSync(other).mode & 0o777, 0o400);
      writeSync(other, 'still allowed', 0);
      assert.equal(trial.read(descriptor), 'still allowed');
    },
  },
  {
    name: 'a new file has the mode that was asked for without the umask, a new directory too',
    run: (trial) => {
      const before = process.umask(0o027);
      try {
        trial.close(trial.open('a', O_CREAT | O_WRONLY, 0o666));
        trial.close(trial.open('b', O_CREAT | O_WRONLY, 0o777));
        mkdirSync(trial.path('d'), 0o777);
        process.umask(0);
        mkdirSync(trial.path('e'), 0o1777);
      } finally {
        process.umask(before);
      }
      const modes = ['a', 'b', 'd', 'e'].map((name) => (statSync(trial.path(name)).mode & 0o7777).toString(8));
      assert.deepEqual(modes, ['640', '750', '750', '1777']);
    },
  },
  {
    name: 'O_CREAT of a file that is there does not change its mode',
    run: (trial) => {
      chmodSync(trial.file('a'), 0o640);
      trial.close(trial.open('a', O_CREAT | O_WRONLY, 0o777));
      assert.equal(statSync(trial.path('a')).mode & 0o777, 0o640);
    },
  },
  {
    name: 'a new file belongs to who made it',
    run: (trial) => {
      const { uid, gid } = statSync(trial.file('a'));
      assert.deepEqual([uid, gid], [process.geteuid?.(), process.getegid?.()]);
    },
  },
  {
    name: 'chown sets owner and group, each alone too',
    unless: unlessRoot,
    run: (trial) => {
      for (const path of [trial.file('a'), trial.folder('d')]) {
        chownSync(path, 1234, 5678);
        assert.deepEqual([statSync(path).uid, statSync(path).gid], [1234, 5678]);
        chownSync(path, -1 >>> 0, 99);
        chownSync(path, 98, -1 >>> 0);
        assert.deepEqual([statSync(path).uid, statSync(path).gid], [98, 99]);
      }
    },
  },
  {
    name: 'what is made in a set-group-ID directory has its group, and directories hand it on',
    unless: unlessRoot,
    run: (trial) => {
      const path = trial.folder('d');
      chownSync(path, 0, 4321);
      chmodSync(path, 0o2775);
      trial.file('d/f');
      trial.folder('d/e/g');
      for (const name of ['d/f', 'd/e', 'd/e/g']) assert.equal(statSync(trial.path(name)).gid, 4321, name);
      assert.equal(statSync(trial.path('d/e/g')).mode & 0o2000, 0o2000);
    },
  },
  {
    name: 'numbers are the same at each look, and differ between files',
    run: (trial) => {
      const paths = [trial.file('a'), trial.file('b'), trial.folder('d'), trial.file('d/a')];
      const numbers = paths.map((path) => statSync(path).ino);
      assert.equal(new Set(numbers).size, numbers.length);
      assert.deepEqual(
        paths.map((path) => statSync(path).ino),
        numbers,
      );
      utimesSync(paths[0] as string, 1, 1);
      assert.equal(statSync(paths[0] as string).ino, numbers[0]);
    },
  },
];
