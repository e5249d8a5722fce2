import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import { openBytes } from '../system-calls.ts';

const longest = 255;
/** PATH_MAX of linux/limits.h, the NUL at the end included. */
const longestPath = 4096;

/** Names, and the paths that they make. */
export const nameCases: readonly PosixCase[] = [
  {
    name: 'a name may have 255 bytes, in any letters',
    run: (trial) => {
      const names = ['x'.repeat(longest), `${'ü'.repeat(127)}x`, `${'😀'.repeat(63)}xyz`];
      for (const name of names) assert.equal(Buffer.byteLength(name), longest);
      for (const name of names) writeFileSync(trial.path(name), name);
      assert.deepEqual(trial.names(), names.sort());
      for (const name of names) {
        renameSync(trial.path(name), trial.path('short'));
        renameSync(trial.path('short'), trial.path(name));
        assert.equal(trial.text(name), name);
        unlinkSync(trial.path(name));
      }
      mkdirSync(trial.path(names[0] as string));
      rmdirSync(trial.path(names[0] as string));
    },
  },
  {
    name: 'a name of 256 bytes is ENAMETOOLONG in every call',
    run: (trial) => {
      const file = trial.file('a');
      for (const name of ['x'.repeat(256), 'ü'.repeat(128)]) {
        const path = trial.path(name);
        const calls: readonly (() => void)[] = [
          () => openSync(path, constants.O_CREAT | constants.O_WRONLY),
          () => openSync(path, constants.O_RDONLY),
          () => mkdirSync(path),
          () => statSync(path),
          () => unlinkSync(path),
          () => rmdirSync(path),
          () => renameSync(path, file),
          () => renameSync(file, path),
        ];
        for (const call of calls) trial.fails('ENAMETOOLONG', call);
      }
      assert.deepEqual(trial.names(), ['a']);
    },
  },
  {
    name: 'a path may have 4,095 bytes, and one more is ENAMETOOLONG',
    run: (trial) => {
      let path = trial.directory;
      while (path.length + longest + 1 < longestPath - 10) mkdirSync((path += `/${'d'.repeat(longest)}`));
      const name = 'f'.repeat(longestPath - 1 - path.length - 1);
      writeFileSync(`${path}/${name}`, 'at the end');
      assert.equal(readFileSync(`${path}/${name}`, 'utf8'), 'at the end');
      trial.fails('ENAMETOOLONG', () => writeFileSync(`${path}/${name}f`, ''));
    },
  },
  {
    name: 'a tree may be deeper than a path can say',
    run: (trial) => {
      const name = 'd'.repeat(longest);
      let descriptor = trial.open('', constants.O_RDONLY);
      for (let level = 0; level < 20; level++) {
        const inside = `/proc/self/fd/${descriptor}/${name}`;
        mkdirSync(inside);
        descriptor = trial.open(inside, constants.O_RDONLY);
      }
      writeFileSync(`/proc/self/fd/${descriptor}/f`, 'deep');
      assert.equal(readFileSync(`/proc/self/fd/${descriptor}/f`, 'utf8'), 'deep');
      assert.deepEqual(readdirSync(`/proc/self/fd/${descriptor}`), ['f']);
    },
  },
  {
    name: 'every byte but the slash and the NUL may be in a name',
    run: (trial) => {
      const names = [
        ' ',
        ' a',
        'a ',
        '-rf',
        '*',
        '?',
        '"',
        "'",
        '\\',
        '\n',
        '\t',
        '\x01',
        '\x7f',
        ':',
        '|',
        '<>',
        '%2F',
        '+',
      ];
      const dots = ['...', '..a', '.hidden', 'a.', '~', '#', '$HOME', '`', ';', '&', 'CON', 'a\u0000'.slice(0, 1)];
      for (const name of [...names, ...dots]) writeFileSync(trial.path(name), name);
      assert.deepEqual(trial.names(), [...names, ...dots].sort());
      for (const name of names) assert.equal(trial.text(name), name);
    },
  },
  {
    name: 'names that differ in case or in normalization are different names',
    run: (trial) => {
      const names = ['a', 'A', '\u00fc', 'u\u0308', '\u212b', '\u00c5'];
      for (const name of names) writeFileSync(trial.path(name), name);
      assert.deepEqual(trial.names(), names.sort());
      for (const name of names) assert.equal(trial.text(name), name);
    },
  },
  {
    name: 'a name that is no UTF-8 is kept, or is EILSEQ',
    run: (trial) => {
      const path = Buffer.concat([Buffer.from(`${trial.directory}/a`), Buffer.of(0xff, 0xfe)]);
      const make = (): void => closeSync(openBytes(path, constants.O_CREAT | constants.O_WRONLY));
      if (!trial.features.anyBytesInNames) {
        trial.fails('EILSEQ', make);
        return assert.deepEqual(trial.names(), []);
      }
      make();
      assert.ok(existsSync(path));
    },
  },
];
