import assert from 'node:assert/strict';
import { constants, fstatSync, ftruncateSync, fsyncSync, statfsSync, statSync, writeSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import { constantsOfLinux, fallocate, lseek } from '../system-calls.ts';

const { O_CREAT, O_RDONLY, O_RDWR } = constants;
const { FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } = constantsOfLinux;
const { SEEK_DATA, SEEK_HOLE } = constantsOfLinux;
const mebibyte = 2 ** 20;

/** fallocate(2), SEEK_DATA and SEEK_HOLE of lseek(2), statfs(2), st_blocks. */
export const spaceCases: readonly PosixCase[] = [
  {
    name: 'fallocate lengthens a file with zeros, and never shortens it',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, 'text', 0);
      fallocate(descriptor, 0, 2, 10_000);
      assert.equal(fstatSync(descriptor).size, 10_002);
      fallocate(descriptor, 0, 0, 100);
      assert.equal(fstatSync(descriptor).size, 10_002);
      assert.equal(trial.read(descriptor, 0, 6), 'text\0\0');
    },
  },
  {
    name: 'fallocate with KEEP_SIZE changes nothing that can be seen',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, 'text', 0);
      fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, mebibyte);
      assert.equal(fstatSync(descriptor).size, 4);
      assert.equal(trial.read(descriptor), 'text');
    },
  },
  {
    name: 'fallocate of nothing or before the start is EINVAL, of a descriptor for reading EBADF',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      trial.fails('EINVAL', () => fallocate(descriptor, 0, 0, 0));
      trial.fails('EINVAL', () => fallocate(descriptor, 0, -1, 10));
      trial.fails('EINVAL', () => fallocate(descriptor, 0, 0, -1));
      trial.fails('EBADF', () => fallocate(trial.open('a', O_RDONLY), 0, 0, 10));
      trial.fails('EOPNOTSUPP ENOTSUP', () => fallocate(descriptor, FALLOC_FL_PUNCH_HOLE, 0, 10));
      assert.equal(fstatSync(descriptor).size, 0);
    },
  },
  {
    name: 'fallocate punches holes and zeroes ranges, or says that it cannot and changes nothing',
    run: (trial) => {
      const content = 'x'.repeat(20_000);
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, content, 0);
      for (const mode of [FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE]) {
        const punch = (): void => fallocate(descriptor, mode, 5000, 5000);
        if (!trial.features.holePunching) {
          trial.fails('EOPNOTSUPP ENOTSUP', punch);
          assert.equal(trial.text('a'), content);
          continue;
        }
        punch();
        assert.equal(trial.text('a'), `${'x'.repeat(5000)}${'\0'.repeat(5000)}${'x'.repeat(10_000)}`);
        writeSync(descriptor, content, 0);
      }
    },
  },
  {
    name: 'holes and zeros behind the end leave the size, unless zeros were asked for without KEEP_SIZE',
    run: (trial) => {
      if (!trial.features.holePunching) return;
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, 'x'.repeat(100), 0);
      for (const mode of [FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE]) {
        fallocate(descriptor, mode | FALLOC_FL_KEEP_SIZE, 1000, 5000);
        assert.equal(trial.text('a'), 'x'.repeat(100));
        fallocate(descriptor, mode | FALLOC_FL_KEEP_SIZE, 90, 5000);
        assert.equal(trial.text('a'), `${'x'.repeat(90)}${'\0'.repeat(10)}`);
        writeSync(descriptor, 'x'.repeat(100), 0);
      }
      fallocate(descriptor, FALLOC_FL_ZERO_RANGE, 90, 5000);
      assert.equal(trial.text('a'), `${'x'.repeat(90)}${'\0'.repeat(5000)}`);
      trial.fails('EBADF', () => fallocate(trial.open('a', O_RDONLY), FALLOC_FL_ZERO_RANGE, 0, 10));
    },
  },
  {
    name: 'a hole that was punched takes no blocks, is found, and can be written again',
    run: (trial) => {
      if (!trial.features.holePunching || !trial.features.sparseFiles) return;
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, Buffer.alloc(4 * mebibyte, 'x'), 0);
      fsyncSync(descriptor);
      const { blocks } = fstatSync(descriptor);
      fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, mebibyte, 2 * mebibyte);
      assert.ok(fstatSync(descriptor).blocks * 512 <= blocks * 512 - 2 * mebibyte + 65_536);
      assert.equal(lseek(descriptor, 0, SEEK_HOLE), mebibyte);
      assert.equal(lseek(descriptor, mebibyte, SEEK_DATA), 3 * mebibyte);
      writeSync(descriptor, 'middle', 2 * mebibyte);
      assert.equal(trial.text('a').slice(2 * mebibyte - 1, 2 * mebibyte + 7), '\0middle\0');
      assert.equal(fstatSync(descriptor).size, 4 * mebibyte);
    },
  },
  {
    name: 'fallocate that cannot collapse a range leaves the file as it was',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      writeSync(descriptor, 'x'.repeat(10_000), 0);
      trial.fails('EOPNOTSUPP ENOTSUP EINVAL', () => fallocate(descriptor, FALLOC_FL_COLLAPSE_RANGE, 1, 100));
      assert.equal(trial.text('a'), 'x'.repeat(10_000));
    },
  },
  {
    name: 'SEEK_DATA and SEEK_HOLE: the end is a hole, and behind the end is ENXIO',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      for (const whence of [SEEK_DATA, SEEK_HOLE]) trial.fails('ENXIO', () => lseek(descriptor, 0, whence));
      writeSync(descriptor, 'x'.repeat(10_000), 0);
      assert.equal(lseek(descriptor, 0, SEEK_DATA), 0);
      assert.equal(lseek(descriptor, 9999, SEEK_DATA), 9999);
      assert.equal(lseek(descriptor, 0, SEEK_HOLE), 10_000);
      for (const whence of [SEEK_DATA, SEEK_HOLE]) {
        trial.fails('ENXIO', () => lseek(descriptor, 10_000, whence));
        trial.fails('ENXIO', () => lseek(descriptor, -1, whence));
      }
    },
  },
  {
    name: 'what SEEK_DATA leaves out are zeros',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      ftruncateSync(descriptor, 4 * mebibyte);
      writeSync(descriptor, 'middle', 2 * mebibyte);
      fsyncSync(descriptor);
      const data = lseek(descriptor, 0, SEEK_DATA);
      const hole = lseek(descriptor, data, SEEK_HOLE);
      assert.ok(data <= 2 * mebibyte && hole >= 2 * mebibyte + 6, `the data lies in ${data} to ${hole}`);
      assert.equal(data > 0 && hole < 4 * mebibyte, trial.features.sparseFiles);
    },
  },
  {
    name: 'the blocks of a file say about what it takes, or would take',
    run: (trial) => {
      const descriptor = trial.open('a', O_CREAT | O_RDWR);
      ftruncateSync(descriptor, 8 * mebibyte);
      fsyncSync(descriptor);
      const { blocks } = fstatSync(descriptor);
      assert.ok(blocks * 512 <= 8 * mebibyte + 65_536, `${blocks} blocks`);
      assert.equal(blocks * 512 < mebibyte, trial.features.sparseFiles);
      writeSync(descriptor, Buffer.alloc(mebibyte, 'x'), 0, mebibyte, 0);
      fsyncSync(descriptor);
      assert.ok(fstatSync(descriptor).blocks * 512 >= mebibyte);
    },
  },
  {
    name: 'statfs tells sizes that belong together',
    run: (trial) => {
      const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(trial.directory);
      assert.ok(bsize >= 512 && blocks > 0);
      assert.ok(bfree <= blocks && bavail <= bfree && ffree <= files);
    },
  },
  {
    name: 'statfs is the same from every file',
    run: (trial) => {
      trial.file('f', 'text');
      const [one, two] = [statfsSync(trial.path('f')), statfsSync(trial.folder('d'))];
      assert.deepEqual([one.type, one.bsize], [two.type, two.bsize]);
      assert.equal(statSync(trial.path('f')).dev, statSync(trial.path('d')).dev);
    },
  },
];
