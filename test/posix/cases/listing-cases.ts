import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { DirectoryStream, directoryTypes } from '../directory-stream.ts';
import type { PosixCase } from '../posix-case.ts';
import type { PosixTrial } from '../posix-trial.ts';

/** Makes files called by number. */
function fill(trial: PosixTrial, count: number): string[] {
  const names = Array.from({ length: count }, (_, index) => `file ${String(index).padStart(5, '0')}`);
  for (const name of names) writeFileSync(trial.path(name), '');
  return names;
}

const withoutDots = (names: readonly { name: string }[]): string[] =>
  names.map(({ name }) => name).filter((name) => name !== '.' && name !== '..');

/** opendir(3), readdir(3), and what may happen meanwhile. */
export const listingCases: readonly PosixCase[] = [
  {
    name: 'a listing has every name once, with its inode and its type, `.` and `..` too',
    run: (trial) => {
      trial.folder('d');
      trial.file('f');
      using stream = new DirectoryStream(trial.directory);
      const seen = Object.fromEntries(stream.rest().map(({ name, ino, type }) => [name, [Number(ino), type]]));
      const ino = (name: string): number => statSync(trial.path(name)).ino;
      assert.deepEqual(seen, {
        '.': [ino('.'), directoryTypes.directory],
        '..': [ino('..'), directoryTypes.directory],
        d: [ino('d'), directoryTypes.directory],
        f: [ino('f'), directoryTypes.file],
      });
    },
  },
  {
    name: 'a listing of 1,500 names is whole',
    run: (trial) => {
      const names = fill(trial, 1500);
      using stream = new DirectoryStream(trial.directory);
      assert.deepEqual(withoutDots(stream.rest()).sort(), names);
    },
  },
  {
    name: 'rewinddir begins again, and sees what is new',
    run: (trial) => {
      trial.file('a');
      trial.file('b');
      using stream = new DirectoryStream(trial.directory);
      assert.deepEqual(withoutDots(stream.rest()).sort(), ['a', 'b']);
      trial.file('c');
      unlinkSync(trial.path('a'));
      stream.rewind();
      assert.deepEqual(withoutDots(stream.rest()).sort(), ['b', 'c']);
    },
  },
  {
    name: 'seekdir goes back to where telldir was',
    run: (trial) => {
      fill(trial, 500);
      using stream = new DirectoryStream(trial.directory);
      for (const count of [3, 100, 200]) {
        for (let index = 0; index < count; index++) stream.next();
        const position = stream.tell();
        const expected = stream.next()?.name;
        stream.rest();
        stream.seek(position);
        assert.equal(stream.next()?.name, expected);
        stream.rewind();
      }
    },
  },
  {
    name: 'two streams of one directory do not disturb each other',
    run: (trial) => {
      const names = fill(trial, 300);
      using one = new DirectoryStream(trial.directory);
      using two = new DirectoryStream(trial.directory);
      for (let index = 0; index < 100; index++) one.next();
      assert.deepEqual(withoutDots(two.rest()).sort(), names);
      assert.equal(one.rest().length, names.length + 2 - 100);
    },
  },
  {
    name: 'names that stay are seen exactly once while others come, go and are renamed',
    run: (trial) => {
      const names = fill(trial, 1200);
      const staying = names.filter((_, index) => index % 3 === 0);
      using stream = new DirectoryStream(trial.directory);
      const seen: string[] = [];
      for (let name = stream.next(), count = 0; name !== undefined; name = stream.next(), count++) {
        seen.push(name.name);
        if (count === 10)
          for (const [index, name] of names.entries()) if (index % 3 === 1) unlinkSync(trial.path(name));
        if (count % 3 === 0) writeFileSync(trial.path(`new ${count}`), '');
        const index = count * 3 + 2;
        if (index < names.length) renameSync(trial.path(names[index] as string), trial.path(`renamed ${count}`));
      }
      assert.equal(new Set(seen).size, seen.length, 'a name came twice');
      assert.deepEqual(
        staying.filter((name) => !seen.includes(name)),
        [],
      );
    },
  },
  {
    name: 'every file is removed while the directory is read once (rm -r)',
    run: (trial) => {
      trial.folder('d');
      for (let index = 0; index < 1000; index++) writeFileSync(trial.path('d', `${index}`), '');
      using stream = new DirectoryStream(trial.path('d'));
      for (let name = stream.next(); name !== undefined; name = stream.next())
        if (!name.name.startsWith('.')) unlinkSync(trial.path('d', name.name));
      rmdirSync(trial.path('d'));
    },
  },
  {
    name: 'a new name is listed at once, a removed one no more',
    run: (trial) => {
      for (let count = 0; count < 50; count++) {
        mkdirSync(trial.path(`d${count}`));
        assert.equal(trial.names().length, count + 1);
      }
      for (let count = 0; count < 50; count++) {
        rmdirSync(trial.path(`d${count}`));
        assert.equal(trial.names().length, 49 - count);
      }
    },
  },
  {
    name: 'a file is no directory: ENOTDIR; what is missing cannot be listed: ENOENT',
    run: (trial) => {
      trial.file('f');
      trial.fails('ENOTDIR', () => new DirectoryStream(trial.path('f')));
      trial.fails('ENOENT', () => new DirectoryStream(trial.path('missing')));
    },
  },
];
