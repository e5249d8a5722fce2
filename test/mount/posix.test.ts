import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { diskFeatures, mountFeatures } from '../posix/posix-features.ts';
import { testPosix } from '../posix/test-posix.ts';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';

describe('POSIX on a disk, which proves the suite', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloudfusion-posix-'));
  });
  after(() => rm(directory, { recursive: true }));

  testPosix('a directory of a disk', { features: diskFeatures, directory: () => directory });
});

describe('POSIX on a mount', { skip: withoutFuse }, () => {
  let mounted: Mounted;
  before(async () => {
    mounted = await mountStore();
  });
  after(async () => {
    try {
      assert.deepEqual(await mounted.errors(), []);
    } finally {
      await mounted[Symbol.asyncDispose]();
    }
  });

  testPosix('the data of a mount', {
    features: mountFeatures,
    directory: () => join(mounted.data, 'posix'),
  });
});
