import assert from 'node:assert/strict';
import { constants, fstatSync, readSync, writeSync } from 'node:fs';
import { Mapping } from '../memory-mapping.ts';
import type { PosixCase } from '../posix-case.ts';

const { O_APPEND, O_CREAT, O_DIRECT, O_RDWR } = constants;
const page = 4096;

/** O_DIRECT (open(2)): memory, place and length are multiples of a page, as the strictest file system wants it. */
export const directCases: readonly PosixCase[] = [
  {
    name: 'O_DIRECT writes and reads pages',
    run: (trial) => {
      using memory = Mapping.anonymous(16 * page);
      const descriptor = trial.open('a', O_CREAT | O_RDWR | O_DIRECT);
      memory.bytes.fill(120);
      assert.equal(writeSync(descriptor, memory.bytes, 0, 16 * page, page), 16 * page);
      assert.equal(fstatSync(descriptor).size, 17 * page);
      memory.bytes.fill(0);
      assert.equal(readSync(descriptor, memory.bytes, 0, 16 * page, page), 16 * page);
      assert.ok(memory.bytes.every((byte) => byte === 120));
      assert.equal(readSync(descriptor, memory.bytes, 0, page, 0), page);
      assert.ok(memory.bytes.subarray(0, page).every((byte) => byte === 0));
    },
  },
  {
    name: 'O_DIRECT and cached reads and writes see each other',
    run: (trial) => {
      using memory = Mapping.anonymous(page);
      trial.file('a', 'x'.repeat(4 * page));
      const cached = trial.open('a', O_RDWR);
      const direct = trial.open('a', O_RDWR | O_DIRECT);
      for (let round = 0; round < 10; round++) {
        assert.equal(trial.bytes(cached, page, page).length, page);
        memory.bytes.fill(65 + round);
        writeSync(direct, memory.bytes, 0, page, page);
        assert.deepEqual(trial.bytes(cached, page, page), Buffer.alloc(page, 65 + round));
        writeSync(cached, Buffer.alloc(page, 97 + round), 0, page, 2 * page);
        readSync(direct, memory.bytes, 0, page, 2 * page);
        assert.deepEqual(Buffer.from(memory.bytes), Buffer.alloc(page, 97 + round));
      }
    },
  },
  {
    name: 'O_DIRECT reads what a mapping changed, and a mapping sees what O_DIRECT wrote',
    run: (trial) => {
      using memory = Mapping.anonymous(page);
      trial.file('a', 'x'.repeat(2 * page));
      using mapping = Mapping.of(trial.open('a', O_RDWR), 2 * page);
      const direct = trial.open('a', O_RDWR | O_DIRECT);
      mapping.bytes.fill(66, 0, page);
      mapping.sync();
      readSync(direct, memory.bytes, 0, page, 0);
      assert.ok(memory.bytes.every((byte) => byte === 66));
      memory.bytes.fill(67);
      writeSync(direct, memory.bytes, 0, page, page);
      assert.equal(mapping.bytes[page + 5], 67);
    },
  },
  {
    name: 'O_DIRECT reads the short end of a file, and nothing behind it',
    run: (trial) => {
      using memory = Mapping.anonymous(2 * page);
      trial.file('a', 'x'.repeat(page + 100));
      const direct = trial.open('a', O_RDWR | O_DIRECT);
      assert.equal(readSync(direct, memory.bytes, 0, 2 * page, 0), page + 100);
      assert.equal(readSync(direct, memory.bytes, 0, page, 2 * page), 0);
    },
  },
  {
    name: 'O_DIRECT appends',
    run: (trial) => {
      using memory = Mapping.anonymous(page);
      const direct = trial.open('a', O_CREAT | O_RDWR | O_DIRECT | O_APPEND);
      for (const value of [1, 2, 3]) {
        memory.bytes.fill(value);
        writeSync(direct, memory.bytes);
      }
      readSync(direct, memory.bytes, 0, page, page);
      assert.deepEqual([fstatSync(direct).size, memory.bytes[0]], [3 * page, 2]);
    },
  },
];
