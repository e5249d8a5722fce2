import assert from 'node:assert/strict';
import { closeSync, constants, openSync } from 'node:fs';
import { OtherProcess } from '../other-process.ts';
import type { PosixCase } from '../posix-case.ts';
import { constantsOfLinux, flock, lockHolder, lockRange } from '../system-calls.ts';

const { O_RDWR } = constants;
const { LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN } = constantsOfLinux;

/** flock(2), the locks of fcntl(2), between descriptors and between processes of this computer. */
export const lockCases: readonly PosixCase[] = [
  {
    name: 'flock: one excludes all, many may share, an unlocked file is free',
    run: (trial) => {
      trial.file('a');
      const [one, two] = [trial.open('a', O_RDWR), trial.open('a', O_RDWR)];
      flock(one, LOCK_EX | LOCK_NB);
      for (const kind of [LOCK_EX, LOCK_SH]) trial.fails('EAGAIN', () => flock(two, kind | LOCK_NB));
      flock(one, LOCK_SH | LOCK_NB);
      flock(two, LOCK_SH | LOCK_NB);
      trial.fails('EAGAIN', () => flock(one, LOCK_EX | LOCK_NB));
      flock(two, LOCK_UN);
      flock(one, LOCK_EX | LOCK_NB);
    },
  },
  {
    name: 'flock ends when its descriptor is closed, and when its process dies',
    run: async (trial) => {
      const path = trial.file('a');
      const one = openSync(path, O_RDWR);
      flock(one, LOCK_EX);
      closeSync(one);
      const mine = trial.open('a', O_RDWR);
      await using other = await OtherProcess.start('flock', path);
      trial.fails('EAGAIN', () => flock(mine, LOCK_EX | LOCK_NB));
      await other.kill();
      flock(mine, LOCK_EX | LOCK_NB);
    },
  },
  {
    name: 'POSIX locks exclude other processes, which are told who holds them',
    run: async (trial) => {
      const path = trial.file('a', 'x'.repeat(100));
      const mine = trial.open('a', O_RDWR);
      assert.equal(lockHolder(mine), undefined);
      await using other = await OtherProcess.start('lock', path);
      trial.fails('EAGAIN EACCES', () => lockRange(mine, 'process', 'write'));
      trial.fails('EAGAIN EACCES', () => lockRange(mine, 'process', 'read', [10, 1]));
      assert.equal(lockHolder(mine), other.pid);
      await other.kill();
      lockRange(mine, 'process', 'write');
      assert.equal(lockHolder(mine), undefined);
    },
  },
  {
    name: 'POSIX locks of ranges that do not meet leave each other alone',
    run: async (trial) => {
      const path = trial.file('a', 'x'.repeat(100));
      const mine = trial.open('a', O_RDWR);
      await using other = await OtherProcess.start('lock', path, 10, 20);
      lockRange(mine, 'process', 'write', [0, 10]);
      lockRange(mine, 'process', 'write', [30, 0]);
      for (const range of [
        [0, 11],
        [29, 1],
        [0, 0],
      ] as const)
        trial.fails('EAGAIN EACCES', () => lockRange(mine, 'process', 'write', range));
      assert.ok(other.pid > 0);
    },
  },
  {
    name: 'POSIX locks of a process end when it closes any descriptor of the file',
    run: async (trial) => {
      const path = trial.file('a');
      const mine = trial.open('a', O_RDWR);
      lockRange(mine, 'process', 'write');
      await assert.rejects(OtherProcess.start('lock', path), /EAGAIN/);
      closeSync(openSync(path, O_RDWR));
      await using other = await OtherProcess.start('lock', path);
      assert.equal(lockHolder(mine), other.pid);
    },
  },
  {
    name: 'locks of open files exclude each other within a process',
    run: (trial) => {
      trial.file('a');
      const [one, two] = [trial.open('a', O_RDWR), trial.open('a', O_RDWR)];
      lockRange(one, 'openFile', 'write', [0, 10]);
      trial.fails('EAGAIN', () => lockRange(two, 'openFile', 'read', [5, 1]));
      lockRange(two, 'openFile', 'write', [10, 10]);
      lockRange(one, 'openFile', 'none', [0, 10]);
      lockRange(two, 'openFile', 'write', [0, 10]);
    },
  },
];
