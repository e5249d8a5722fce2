import assert from 'node:assert/strict';
import {
  constants,
  fstatSync,
  fsyncSync,
  readFileSync,
  readSync,
  readvSync,
  statSync,
  writeSync,
  writevSync,
} from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import { constantsOfLinux, lseek } from '../system-calls.ts';

const { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_SYNC, O_DSYNC, O_WRONLY } = constants;
const { SEEK_CUR, SEEK_END, SEEK_SET } = constantsOfLinux;

/** read(2), write(2), lseek(2). */
export const writingCases: readonly PosixCase[] = [
  {
    name: 'what one descriptor wrote another reads at once',
    run: (trial) => {
      const writer = trial.open('a', O_CREAT | O_WRONLY);
      const reader = trial.open('a', O_RDONLY);
      for (let count = 0; count < 20; count++) {
        writeSync(writer, `${count}`.padEnd(10), count * 10);
        assert.equal(trial.read(reader, count * 10, 100).trim(), `${count}`);
        assert.equal(fstatSync(reader).size, count * 10 + 10);
      }
    },
  },
  {
    name: 'a read ends at the end of the file, and behind it there is nothing',
    run: (trial) => {
      trial.file('a', '0123456789');
      const descriptor = trial.open('a', O_RDONLY);
      assert.equal(trial.read(descriptor, 7, 100), '789');
      assert.equal(trial.read(descriptor, 10, 100), '');
      assert.equal(trial.read(descriptor, 1e12, 100), '');
    },
  },
  {
    name: 'a write behind the end leaves zeros between',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, 'begin', 0);
      writeSync(descriptor, 'end', 100_000);
      const expected = Buffer.alloc(100_003);
      expected.write('begin');
      expected.write('end', 100_000);
      assert.deepEqual(trial.bytes(descriptor, 0, 200_000), expected);
      assert.equal(fstatSync(descriptor).size, 100_003);
    },
  },
  {
    name: 'a file can be larger than 4 GiB where it is a hole',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      const far = 5 * 2 ** 30;
      writeSync(descriptor, 'far', far);
      assert.equal(statSync(trial.path('a')).size, far + 3);
      assert.equal(trial.read(descriptor, far - 1), '\0far');
      assert.deepEqual(trial.bytes(descriptor, 2 ** 32 - 2, 4), Buffer.alloc(4));
    },
  },
  {
    name: 'a write of nothing changes nothing',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      assert.equal(writeSync(descriptor, Buffer.alloc(0), 0, 0, 100), 0);
      assert.equal(fstatSync(descriptor).size, 0);
    },
  },
  {
    name: 'a write beyond the largest file is EFBIG or ENOSPC at once, and leaves the file as it was',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      trial.succeedsOrFails('EFBIG ENOSPC', () => writeSync(descriptor, 'x', Number.MAX_SAFE_INTEGER - 1), {
        done: () => assert.equal(fstatSync(descriptor).size, Number.MAX_SAFE_INTEGER),
        failed: () => assert.equal(fstatSync(descriptor).size, 0),
      });
    },
  },
  {
    name: 'two writers with O_APPEND never overwrite each other',
    run: (trial) => {
      const writers = [1, 2].map(() => trial.open('a', O_CREAT | O_WRONLY | O_APPEND));
      let expected = '';
      for (let count = 0; count < 200; count++) {
        const line = `line ${count}\n`;
        writeSync(writers[count % 2] as number, line);
        expected += line;
      }
      assert.equal(trial.text('a'), expected);
    },
  },
  {
    name: 'O_APPEND goes to the end that another writer or a truncation made',
    run: (trial) => {
      trial.file('a', 'one');
      const appender = trial.open('a', O_WRONLY | O_APPEND);
      writeSync(trial.open('a', O_WRONLY), 'longer', 0);
      writeSync(appender, '+');
      assert.equal(trial.text('a'), 'longer+');
      trial.file('a', '');
      writeSync(appender, 'first');
      assert.equal(trial.text('a'), 'first');
    },
  },
  {
    name: 'O_APPEND leaves the position at the end (POSIX, write)',
    run: (trial) => {
      trial.file('a', '12345');
      const descriptor = trial.open('a', O_RDWR | O_APPEND);
      assert.equal(lseek(descriptor, 0, SEEK_CUR), 0);
      writeSync(descriptor, '67');
      assert.equal(lseek(descriptor, 0, SEEK_CUR), 7);
    },
  },
  {
    name: 'lseek moves by start, position and end, and not before the start',
    run: (trial) => {
      trial.file('a', '0123456789');
      const descriptor = trial.open('a', O_RDONLY);
      assert.equal(lseek(descriptor, 4, SEEK_SET), 4);
      assert.equal(lseek(descriptor, 2, SEEK_CUR), 6);
      assert.equal(lseek(descriptor, -1, SEEK_END), 9);
      assert.equal(lseek(descriptor, 100, SEEK_END), 110);
      trial.fails('EINVAL', () => lseek(descriptor, -1, SEEK_SET));
      trial.fails('EINVAL', () => lseek(descriptor, 0, 99));
      assert.equal(readSync(descriptor, Buffer.alloc(1), 0, 1, null), 0);
    },
  },
  {
    name: 'SEEK_END sees what another descriptor appended',
    run: (trial) => {
      const reader = trial.open('a', O_CREAT | O_RDONLY);
      const writer = trial.open('a', O_WRONLY | O_APPEND);
      for (let count = 1; count <= 5; count++) {
        writeSync(writer, 'abc');
        assert.equal(lseek(reader, 0, SEEK_END), count * 3);
      }
    },
  },
  {
    name: 'vectors are read and written as one piece',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      assert.equal(writevSync(descriptor, [Buffer.from('one'), Buffer.alloc(0), Buffer.from('two')], 0), 6);
      const [head, tail] = [Buffer.alloc(2), Buffer.alloc(10)];
      assert.equal(readvSync(descriptor, [head, tail], 0), 6);
      assert.equal(`${head.toString()}|${tail.subarray(0, 4).toString()}`, 'on|etwo');
    },
  },
  {
    name: 'a large write across many pages arrives whole, at any offset',
    run: (trial) => {
      const data = Buffer.alloc(3_333_333, 'a pattern that is no power of two long. ');
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      for (const offset of [0, 1, 4095, 131_073]) {
        writeSync(descriptor, data, 0, data.length, offset);
        assert.deepEqual(trial.bytes(descriptor, offset, data.length), data);
      }
    },
  },
  {
    name: 'O_SYNC and O_DSYNC writes are seen as any',
    run: (trial) => {
      for (const [name, flag] of [
        ['a', O_SYNC],
        ['b', O_DSYNC],
      ] as const) {
        const descriptor = trial.open(name, O_CREAT | O_WRONLY | flag);
        writeSync(descriptor, 'synchronous');
        assert.equal(readFileSync(trial.path(name), 'utf8'), 'synchronous');
      }
    },
  },
  {
    name: 'overwriting keeps what is before and behind',
    run: (trial) => {
      trial.file('a', 'x'.repeat(10_000));
      const descriptor = trial.open('a', O_WRONLY);
      writeSync(descriptor, 'MIDDLE', 5000);
      fsyncSync(descriptor);
      assert.equal(trial.text('a'), `${'x'.repeat(5000)}MIDDLE${'x'.repeat(4994)}`);
    },
  },
];
