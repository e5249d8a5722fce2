import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';

/** mkdir(2), rmdir(2), unlink(2). */
export const directoryCases: readonly PosixCase[] = [
  {
    name: 'mkdir of what exists is EEXIST, whatever it is',
    run: (trial) => {
      trial.folder('d');
      trial.file('f');
      for (const name of ['d', 'f', '.', '..', 'd/']) trial.fails('EEXIST', () => mkdirSync(trial.path(name)));
    },
  },
  {
    name: 'mkdir in what is missing is ENOENT, in a file ENOTDIR',
    run: (trial) => {
      trial.file('f');
      trial.fails('ENOENT', () => mkdirSync(trial.path('missing', 'd')));
      trial.fails('ENOTDIR', () => mkdirSync(trial.path('f', 'd')));
    },
  },
  {
    name: 'a slash behind a directory does no harm',
    run: (trial) => {
      mkdirSync(trial.path('d/'));
      assert.ok(statSync(trial.path('d/')).isDirectory());
      renameSync(trial.path('d/'), trial.path('e/'));
      rmdirSync(trial.path('e/'));
      assert.deepEqual(trial.names(), []);
    },
  },
  {
    name: 'rmdir wants an empty directory: ENOTEMPTY, ENOTDIR, ENOENT, EINVAL',
    run: (trial) => {
      trial.folder('full/inner');
      trial.file('f');
      trial.fails('ENOTEMPTY', () => rmdirSync(trial.path('full')));
      trial.fails('ENOTDIR', () => rmdirSync(trial.path('f')));
      trial.fails('ENOTDIR', () => rmdirSync(trial.path('f', 'x')));
      trial.fails('ENOENT', () => rmdirSync(trial.path('missing')));
      trial.fails('EINVAL', () => rmdirSync(trial.path('full', 'inner', '.')));
      trial.fails('ENOTEMPTY', () => rmdirSync(trial.path('full', 'inner', '..')));
      assert.deepEqual(trial.names('full'), ['inner']);
    },
  },
  {
    name: 'unlink of a directory is EISDIR, of a missing file ENOENT, with a slash behind ENOTDIR',
    run: (trial) => {
      trial.folder('d');
      trial.file('f');
      trial.fails('EISDIR', () => unlinkSync(trial.path('d')));
      trial.fails('ENOENT', () => unlinkSync(trial.path('missing')));
      trial.fails('ENOTDIR', () => unlinkSync(trial.path('f/')));
      trial.fails('ENOTDIR', () => unlinkSync(trial.path('f', 'x')));
      assert.deepEqual(trial.names(), ['d', 'f']);
    },
  },
  {
    name: '`.` and `..` mean what they say, anywhere in a path',
    run: (trial) => {
      trial.folder('a/b');
      trial.file('a/f', 'text');
      assert.equal(trial.text('a/b/../f'), 'text');
      assert.equal(trial.text('a/./b/.././b/../../a/f'), 'text');
      assert.equal(statSync(trial.path('a', 'b', '..')).ino, statSync(trial.path('a')).ino);
      assert.equal(statSync(trial.path('a', '..')).ino, statSync(trial.directory).ino);
      trial.fails('ENOENT', () => trial.text('a/missing/../f'));
    },
  },
  {
    name: '`..` of a moved directory is its new parent',
    run: (trial) => {
      trial.folder('a/moved');
      trial.folder('b');
      trial.file('b/here', 'new parent');
      assert.equal(existsSync(trial.path('a', 'moved', '..', 'here')), false);
      renameSync(trial.path('a', 'moved'), trial.path('b', 'moved'));
      assert.equal(trial.text('b/moved/../here'), 'new parent');
    },
  },
  {
    name: 'the link count of a directory counts its subdirectories, or nothing at all',
    run: (trial) => {
      const path = trial.folder('d');
      trial.folder('d/1');
      trial.folder('d/2');
      trial.file('d/f');
      assert.equal(statSync(path).nlink, trial.features.directoryLinks ? 4 : 1);
    },
  },
  {
    name: 'a change in a directory sets its times',
    run: async (trial) => {
      const path = trial.folder('d');
      const changes: readonly (readonly [string, () => void])[] = [
        ['create', () => writeFileSync(`${path}/a`, '')],
        ['mkdir', () => mkdirSync(`${path}/b`)],
        ['rename', () => renameSync(`${path}/a`, `${path}/c`)],
        ['unlink', () => unlinkSync(`${path}/c`)],
        ['rmdir', () => rmdirSync(`${path}/b`)],
      ];
      for (const [what, change] of changes) {
        const before = statSync(path);
        await new Promise((resolve) => setTimeout(resolve, 15));
        change();
        const after = statSync(path);
        assert.ok(after.mtimeMs > before.mtimeMs, `${what}: the modification time stays`);
        assert.ok(after.ctimeMs > before.ctimeMs, `${what}: the change time stays`);
      }
    },
  },
  {
    name: 'a deep tree is made, walked and removed',
    run: (trial) => {
      const depth = 200;
      let path = trial.directory;
      for (let level = 0; level < depth; level++) mkdirSync((path += `/${level}`));
      writeFileSync(`${path}/f`, 'deep');
      assert.equal(statSync(`${path}${'/..'.repeat(depth)}`).ino, statSync(trial.directory).ino);
      unlinkSync(`${path}/f`);
      for (let level = depth - 1; level >= 0; level--) {
        rmdirSync(path);
        path = path.slice(0, path.lastIndexOf('/'));
      }
      assert.deepEqual(trial.names(), []);
    },
  },
];
