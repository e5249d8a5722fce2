import assert from 'node:assert/strict';
import {
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { PosixCase } from '../posix-case.ts';

const { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Files and directories that lost their name while they were open. */
export const unlinkedCases: readonly PosixCase[] = [
  {
    name: 'an unlinked file is read, written, cut and synced by who has it open',
    run: (trial) => {
      const path = trial.file('a', 'before');
      const descriptor = trial.open('a', O_RDWR);
      unlinkSync(path);
      assert.equal(existsSync(path), false);
      writeSync(descriptor, 'AFTER', 1);
      assert.equal(trial.read(descriptor), 'bAFTER');
      ftruncateSync(descriptor, 3);
      fsyncSync(descriptor);
      assert.equal(trial.read(descriptor), 'bAF');
      const { size, nlink } = fstatSync(descriptor);
      assert.deepEqual({ size, nlink }, { size: 3, nlink: 0 });
      assert.deepEqual(trial.names(), []);
    },
  },
  {
    name: 'an unlinked file keeps its mode and time until it is closed',
    run: (trial) => {
      const path = trial.file('a');
      const descriptor = trial.open('a', O_RDWR);
      unlinkSync(path);
      fchmodSync(descriptor, 0o640);
      futimesSync(descriptor, 1_000_000_000, 1_000_000_000);
      const { mode, mtimeMs } = fstatSync(descriptor);
      assert.deepEqual([mode & 0o777, mtimeMs], [0o640, 1e12]);
    },
  },
  {
    name: 'a new file of the name of an unlinked one is another file',
    run: (trial) => {
      const path = trial.file('a', 'old');
      const descriptor = trial.open('a', O_RDWR);
      unlinkSync(path);
      trial.file('a', 'new');
      writeSync(descriptor, '!', 3);
      assert.equal(trial.read(descriptor), 'old!');
      assert.equal(trial.text('a'), 'new');
      assert.notEqual(fstatSync(descriptor).ino, statSync(path).ino);
    },
  },
  {
    name: 'of two descriptors of an unlinked file the second lives on when the first is closed',
    run: (trial) => {
      const path = trial.file('a', 'text');
      const [one, two] = [trial.open('a', O_RDWR), trial.open('a', O_RDWR)];
      unlinkSync(path);
      writeSync(one, 'TEXT', 0);
      trial.close(one);
      assert.equal(trial.read(two), 'TEXT');
    },
  },
  {
    name: 'a file made and unlinked a thousand times leaves nothing',
    run: (trial) => {
      for (let count = 0; count < 1000; count++) {
        writeFileSync(trial.path('a'), `${count}`);
        unlinkSync(trial.path('a'));
      }
      assert.deepEqual(trial.names(), []);
    },
  },
  {
    name: 'a file that is renamed over stays what it is for who has it open',
    run: (trial) => {
      trial.file('old', 'old');
      const reader = trial.open('old', O_RDWR);
      renameSync(trial.file('new', 'new'), trial.path('old'));
      assert.equal(trial.read(reader), 'old');
      writeSync(reader, 'still ', 0);
      assert.equal(trial.read(reader), 'still ');
      assert.equal(trial.text('old'), 'new');
      assert.equal(fstatSync(reader).nlink, 0);
    },
  },
  {
    name: 'a writer follows its file through a rename',
    run: (trial) => {
      const writer = trial.open('a', O_CREAT | O_WRONLY);
      writeSync(writer, 'one ');
      renameSync(trial.path('a'), trial.path('b'));
      trial.file('a', 'another');
      writeSync(writer, 'two');
      assert.equal(trial.text('b'), 'one two');
      assert.equal(trial.text('a'), 'another');
    },
  },
  {
    name: 'a removed directory that is open is empty and takes nothing new',
    run: (trial) => {
      const path = trial.folder('d');
      const descriptor = trial.open('d', O_RDONLY);
      rmdirSync(path);
      const inside = `/proc/self/fd/${descriptor}`;
      assert.deepEqual(readdirSync(inside), []);
      trial.fails('ENOENT', () => writeFileSync(`${inside}/a`, 'text'));
      trial.fails('ENOENT', () => mkdirSync(`${inside}/d`));
      mkdirSync(path);
      assert.deepEqual(readdirSync(path), []);
    },
  },
];
