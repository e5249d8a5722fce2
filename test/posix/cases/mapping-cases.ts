import assert from 'node:assert/strict';
import { constants, fsyncSync, ftruncateSync, unlinkSync, writeSync } from 'node:fs';
import { Mapping } from '../memory-mapping.ts';
import type { PosixCase } from '../posix-case.ts';

const { O_CREAT, O_RDONLY, O_RDWR } = constants;
const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString();
const put = (bytes: Uint8Array, at: number, value: string): void => bytes.set(Buffer.from(value), at);

/** mmap(2), msync(2). */
export const mappingCases: readonly PosixCase[] = [
  {
    name: 'a shared mapping and read and write show the same bytes',
    run: (trial) => {
      trial.file('a', 'x'.repeat(20_000));
      const descriptor = trial.open('a', O_RDWR);
      using mapping = Mapping.of(descriptor, 20_000);
      put(mapping.bytes, 10_000, 'by mapping');
      assert.equal(trial.read(descriptor, 10_000, 10), 'by mapping');
      writeSync(descriptor, 'by write', 5000);
      assert.equal(text(mapping.bytes, 5000, 5008), 'by write');
    },
  },
  {
    name: 'what a shared mapping changed is in the file after msync, for who opens it now',
    run: (trial) => {
      trial.file('a', 'x'.repeat(20_000));
      using mapping = Mapping.of(trial.open('a', O_RDWR), 20_000);
      put(mapping.bytes, 100, 'synced');
      mapping.sync();
      assert.equal(trial.text('a').slice(100, 106), 'synced');
    },
  },
  {
    name: 'what a shared mapping changed is in the file after its descriptor and itself are gone',
    run: (trial) => {
      trial.file('a', 'x'.repeat(20_000));
      const descriptor = trial.open('a', O_RDWR);
      const mapping = Mapping.of(descriptor, 20_000);
      trial.close(descriptor);
      put(mapping.bytes, 19_990, 'the end');
      mapping[Symbol.dispose]();
      assert.equal(trial.text('a').slice(19_990, 19_997), 'the end');
    },
  },
  {
    name: 'a private mapping changes nothing but itself',
    run: (trial) => {
      trial.file('a', 'x'.repeat(8192));
      const descriptor = trial.open('a', O_RDONLY);
      using mapping = Mapping.of(descriptor, 8192, { isPrivate: true });
      put(mapping.bytes, 0, 'private');
      assert.equal(text(mapping.bytes, 0, 8), 'privatex');
      assert.equal(trial.text('a'), 'x'.repeat(8192));
    },
  },
  {
    name: 'two mappings of one file are one memory',
    run: (trial) => {
      trial.file('a', 'x'.repeat(8192));
      using one = Mapping.of(trial.open('a', O_RDWR), 8192);
      using two = Mapping.of(trial.open('a', O_RDWR), 4096, { offset: 4096 });
      put(one.bytes, 5000, 'shared');
      assert.equal(text(two.bytes, 5000 - 4096, 5006 - 4096), 'shared');
    },
  },
  {
    name: 'behind the end of the file a page holds zeros, and changes there are not kept',
    run: (trial) => {
      trial.file('a', 'x'.repeat(100));
      const descriptor = trial.open('a', O_RDWR);
      using mapping = Mapping.of(descriptor, 4096);
      assert.equal(text(mapping.bytes, 98, 102), 'xx\0\0');
      put(mapping.bytes, 200, 'lost');
      mapping.sync();
      assert.equal(trial.text('a'), 'x'.repeat(100));
      ftruncateSync(descriptor, 4096);
      assert.equal(trial.read(descriptor, 200, 4), '\0\0\0\0');
    },
  },
  {
    name: 'a mapping sees a file grow within its pages',
    run: (trial) => {
      trial.file('a', 'start');
      const descriptor = trial.open('a', O_RDWR);
      using mapping = Mapping.of(descriptor, 8192);
      ftruncateSync(descriptor, 8192);
      writeSync(descriptor, 'new end', 8000);
      assert.equal(text(mapping.bytes, 8000, 8007), 'new end');
      put(mapping.bytes, 6000, 'mapped');
      fsyncSync(descriptor);
      assert.equal(trial.read(descriptor, 6000, 6), 'mapped');
    },
  },
  {
    name: 'a mapping lives on when the file is unlinked and closed',
    run: (trial) => {
      const path = trial.file('a', 'x'.repeat(5000));
      const descriptor = trial.open('a', O_RDWR);
      using mapping = Mapping.of(descriptor, 5000);
      unlinkSync(path);
      trial.close(descriptor);
      put(mapping.bytes, 4900, 'alive');
      assert.equal(text(mapping.bytes, 4899, 4905), 'xalive');
      mapping.sync();
    },
  },
  {
    name: 'a shared mapping for writing wants a descriptor for writing: EACCES; a directory has none: ENODEV',
    run: (trial) => {
      trial.file('a', 'text');
      trial.fails('EACCES', () => Mapping.of(trial.open('a', O_RDONLY), 4096));
      trial.fails('ENODEV', () => Mapping.of(trial.open('', O_RDONLY), 4096, { writable: false }));
      trial.fails('EBADF', () => Mapping.of(99_999, 4096));
      using mapping = Mapping.of(trial.open('a', O_RDONLY), 4096, { writable: false });
      assert.equal(text(mapping.bytes, 0, 4), 'text');
    },
  },
  {
    name: 'a large mapping is written and read back whole',
    run: (trial) => {
      const size = 4_000_000;
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      ftruncateSync(descriptor, size);
      using mapping = Mapping.of(descriptor, size);
      const content = Buffer.alloc(size, 'mapped content, ');
      mapping.bytes.set(content);
      mapping.sync();
      assert.ok(trial.bytes(trial.open('a', O_RDONLY), 0, size).equals(content));
    },
  },
];
