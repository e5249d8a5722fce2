import assert from 'node:assert/strict';
import { constants, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import { constantsOfLinux, renameWith } from '../system-calls.ts';

const { O_CREAT, O_RDONLY, O_WRONLY } = constants;
const { RENAME_EXCHANGE, RENAME_NOREPLACE } = constantsOfLinux;

/** rename(2), renameat2(2). */
export const renameCases: readonly PosixCase[] = [
  {
    name: 'a rename keeps the file: number, mode, time, content',
    run: (trial) => {
      const path = trial.file('a', 'text');
      const before = statSync(path);
      renameSync(path, trial.path('b'));
      const after = statSync(trial.path('b'));
      assert.deepEqual([after.ino, after.mode, after.mtimeMs], [before.ino, before.mode, before.mtimeMs]);
      assert.deepEqual([trial.names(), trial.text('b')], [['b'], 'text']);
    },
  },
  {
    name: 'a file replaces a file, a directory an empty directory',
    run: (trial) => {
      renameSync(trial.file('a', 'new'), trial.file('b', 'old'));
      trial.folder('full/inner');
      renameSync(trial.path('full'), trial.folder('empty'));
      assert.deepEqual(trial.names(), ['b', 'empty']);
      assert.deepEqual([trial.text('b'), trial.names('empty')], ['new', ['inner']]);
    },
  },
  {
    name: 'what may not replace what says so: EISDIR, ENOTDIR, ENOTEMPTY',
    run: (trial) => {
      const [file, folder, full] = [trial.file('f'), trial.folder('d'), trial.folder('full')];
      trial.folder('full/inner');
      trial.fails('EISDIR', () => renameSync(file, folder));
      trial.fails('ENOTDIR', () => renameSync(folder, file));
      trial.fails('ENOTEMPTY EEXIST', () => renameSync(folder, full));
      trial.fails('ENOTDIR', () => renameSync(`${file}/`, trial.path('x')));
      trial.fails('ENOTDIR', () => renameSync(file, `${trial.path('x')}/`));
      assert.deepEqual(trial.names(), ['d', 'f', 'full']);
    },
  },
  {
    name: 'what is missing is ENOENT, on either side',
    run: (trial) => {
      trial.file('f');
      trial.fails('ENOENT', () => renameSync(trial.path('missing'), trial.path('x')));
      trial.fails('ENOENT', () => renameSync(trial.path('f'), trial.path('missing', 'x')));
      trial.fails('ENOTDIR', () => renameSync(trial.path('f'), trial.path('f', 'x')));
    },
  },
  {
    name: 'a directory does not go into itself: EINVAL; `.` and `..` do not go anywhere: EBUSY',
    run: (trial) => {
      trial.folder('a/b/c');
      trial.fails('EINVAL', () => renameSync(trial.path('a'), trial.path('a', 'x')));
      trial.fails('EINVAL', () => renameSync(trial.path('a'), trial.path('a', 'b', 'c', 'x')));
      trial.fails('EBUSY', () => renameSync(trial.path('a', '.'), trial.path('x')));
      trial.fails('EBUSY', () => renameSync(trial.path('a', 'b', '..'), trial.path('x')));
      trial.fails('ENOTEMPTY EEXIST', () => renameSync(trial.path('a', 'b', 'c'), trial.path('a')));
      assert.ok(existsSync(trial.path('a', 'b', 'c')));
    },
  },
  {
    name: 'a rename onto itself does nothing',
    run: (trial) => {
      const path = trial.file('a', 'text');
      renameSync(path, path);
      renameSync(trial.folder('d'), trial.path('d'));
      assert.deepEqual([trial.names(), trial.text('a')], [['a', 'd'], 'text']);
    },
  },
  {
    name: 'a rename to another file system is EXDEV',
    run: (trial) => {
      const path = trial.file('a', 'text');
      trial.fails('EXDEV', () => renameSync(path, '/proc/a'));
      assert.equal(trial.text('a'), 'text');
    },
  },
  {
    name: 'open files and directories follow a directory that is renamed above them',
    run: (trial) => {
      trial.folder('a/b');
      const writer = trial.open('a/b/f', O_CREAT | O_WRONLY);
      const directory = trial.open('a/b', O_RDONLY);
      writeSync(writer, 'before ');
      renameSync(trial.path('a'), trial.path('z'));
      writeSync(writer, 'after');
      writeFileSync(`/proc/self/fd/${directory}/g`, 'made inside');
      assert.deepEqual(readdirSync(`/proc/self/fd/${directory}`).sort(), ['f', 'g']);
      assert.deepEqual([trial.text('z/b/f'), trial.text('z/b/g')], ['before after', 'made inside']);
      assert.equal(existsSync(trial.path('a')), false);
      mkdirSync(trial.path('a'));
      assert.deepEqual(trial.names('a'), []);
    },
  },
  {
    name: 'RENAME_NOREPLACE is EEXIST where something stands, and a rename where nothing does',
    run: (trial) => {
      const [one, two] = [trial.file('one', '1'), trial.file('two', '2')];
      trial.fails('EEXIST', () => renameWith(one, two, RENAME_NOREPLACE));
      trial.fails('EEXIST', () => renameWith(one, trial.folder('d'), RENAME_NOREPLACE));
      assert.deepEqual([trial.text('one'), trial.text('two')], ['1', '2']);
      renameWith(one, trial.path('three'), RENAME_NOREPLACE);
      assert.deepEqual(trial.names(), ['d', 'three', 'two']);
    },
  },
  {
    name: 'RENAME_EXCHANGE swaps files, and a file with a directory, also across directories',
    run: (trial) => {
      const [one, two] = [trial.file('one', '1'), trial.file('two', '2')];
      const numbers = [one, two].map((path) => statSync(path).ino);
      renameWith(one, two, RENAME_EXCHANGE);
      assert.deepEqual([trial.text('one'), trial.text('two')], ['2', '1']);
      assert.deepEqual(
        [two, one].map((path) => statSync(path).ino),
        numbers,
      );
      trial.folder('d/inner');
      trial.folder('e');
      renameWith(one, trial.path('d', 'inner'), RENAME_EXCHANGE);
      assert.equal(trial.text('d/inner'), '2');
      renameWith(one, trial.path('e'), RENAME_EXCHANGE);
      assert.deepEqual(trial.names(), ['d', 'e', 'one', 'two']);
    },
  },
  {
    name: 'RENAME_EXCHANGE wants both: ENOENT; not one inside the other: EINVAL; and no NOREPLACE: EINVAL',
    run: (trial) => {
      const [one, inner] = [trial.file('one', '1'), trial.folder('a/b')];
      trial.fails('ENOENT', () => renameWith(one, trial.path('missing'), RENAME_EXCHANGE));
      trial.fails('ENOENT', () => renameWith(trial.path('missing'), one, RENAME_EXCHANGE));
      trial.fails('EINVAL', () => renameWith(trial.path('a'), inner, RENAME_EXCHANGE));
      trial.fails('EINVAL', () => renameWith(inner, trial.path('a'), RENAME_EXCHANGE));
      trial.fails('EINVAL', () => renameWith(one, trial.path('a'), RENAME_EXCHANGE | RENAME_NOREPLACE));
      assert.deepEqual(trial.names(), ['a', 'one']);
    },
  },
  {
    name: 'a name that is renamed over again and again is there all the time',
    run: (trial) => {
      const target = trial.file('target', '-1');
      for (let count = 0; count < 200; count++) {
        renameSync(trial.file('new', `${count}`), target);
        assert.equal(trial.text('target'), `${count}`);
      }
      assert.deepEqual(trial.names(), ['target']);
    },
  },
];
