import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isStoreError } from '../../store/errors.ts';
import { assertRootOutside } from './assert-root-outside.ts';

const base = mkdtempSync(join(tmpdir(), 'cloudfusion-outside-'));
after(() => rmSync(base, { recursive: true }));
for (const name of ['mount', 'cache', 'root', 'rooted', 'holder/mount', 'holder/cache'])
  mkdirSync(join(base, name), { recursive: true });
symlinkSync(join(base, 'cache'), join(base, 'link to cache'));
symlinkSync('mount', join(base, 'link to mount'));
symlinkSync('holder', join(base, 'link to holder'));
symlinkSync('loop', join(base, 'loop'));

const neighbours = (mount = 'mount', cache = 'cache') => ({
  mountPoint: join(base, mount),
  cacheDirectory: join(base, cache),
});

describe('assertRootOutside', () => {
  const apart: readonly [root: string, mount?: string, cache?: string][] = [
    ['root'],
    ['rooted', 'root'],
    ['root', 'rooted'],
    ['not there yet', 'mount', 'not there yet either'],
    ['holder', 'mount'],
    ['root', 'link to holder/mount', 'link to holder/cache'],
  ];
  for (const [root, mount, cache] of apart) {
    it(`takes ${root} beside ${mount ?? 'mount'} and ${cache ?? 'cache'}`, async () => {
      await assertRootOutside(join(base, root), neighbours(mount, cache));
    });
  }

  const entangled: readonly [root: string, mount?: string, cache?: string][] = [
    ['mount'],
    ['mount/data'],
    ['mount/data/not there'],
    ['cache'],
    ['cache/below'],
    ['holder', 'holder/mount'],
    ['holder', 'mount', 'holder/cache'],
    ['holder', 'mount', 'holder/not there yet'],
    ['holder/mount', 'link to holder/mount'],
    ['link to holder', 'holder/mount'],
    ['link to cache'],
    ['link to cache/below'],
    ['link to mount'],
    ['link to mount/data'],
    ['root/../mount'],
    ['root', 'mount', 'root'],
    ['.'],
    ['loop'],
  ];
  for (const [root, mount, cache] of entangled) {
    it(`refuses ${root} with ${mount ?? 'mount'} and ${cache ?? 'cache'}`, async () => {
      await assert.rejects(assertRootOutside(join(base, root), neighbours(mount, cache)), (error) =>
        isStoreError(error, 'InvalidPath'),
      );
    });
  }

  it('refuses the root of the file system', async () => {
    await assert.rejects(assertRootOutside('/', neighbours()), (error) => isStoreError(error, 'InvalidPath'));
  });
});
