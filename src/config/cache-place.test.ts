import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { assertCacheFits, assertCacheOutside, claimCache } from './cache-place.ts';
import { parseConfiguration } from './parse-configuration.ts';

const providers = [{ name: 'local', settings: [{ key: 'root', required: true, path: true }] }];

describe('the place of a cache', () => {
  let directory: string;
  beforeEach(() => (directory = realpathSync(mkdtempSync(join(tmpdir(), 'cloudfusion-test-')))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function configurationOf(root: string) {
    const text = `[store]\nname = local\ncache_dir = ${directory}\ncache_id = mine\n[auth]\nroot = ${root}\n`;
    return parseConfiguration(text, { providers });
  }

  it('belongs to the first account that claims it', async () => {
    mkdirSync(join(directory, 'mine'));
    await assertCacheFits(configurationOf('/a'));
    await claimCache(configurationOf('/a'));
    await assertCacheFits(configurationOf('/a'));
    await assert.rejects(assertCacheFits(configurationOf('/b')), /belongs to another account or root/);
    await claimCache(configurationOf('/b'));
    await assertCacheFits(configurationOf('/a'));
  });

  it('is not inside the mount point, not by a link either', async () => {
    mkdirSync(join(directory, 'mnt'));
    symlinkSync(join(directory, 'mnt'), join(directory, 'link'));
    const mountPoint = join(directory, 'mnt');
    for (const inside of ['mnt', 'mnt/data/cache', 'link', 'link/data/cache'])
      await assert.rejects(
        assertCacheOutside(join(directory, inside), mountPoint),
        /lies inside the mount point/,
        inside,
      );
    for (const outside of ['mntx', 'missing/deep/cache', '.'])
      await assertCacheOutside(join(directory, outside), mountPoint);
  });
});
