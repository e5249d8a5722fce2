import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isStoreError } from '../store/errors.ts';
import { readText, writeBytes } from '../store/operations.ts';
import { configurableProviders } from './configurable-providers.ts';
import { checkStore, openStore } from './open-store.ts';
import { parseConfiguration } from './parse-configuration.ts';

describe('openStore', { timeout: 30_000 }, () => {
  let directory: string;
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'cloudfusion-test-')));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function configurationOf(lines = '', root = 'store') {
    const text = `[store]\nname = local\ncache = 3600\ncache_dir = cache\n${lines}\n[auth]\nroot = ${root}\n`;
    return parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory });
  }

  it('opens the stack that a configuration describes', async () => {
    const { store, remote, cache, close } = await openStore(
      configurationOf('cache_size = 7\nhard_cache_size_limit = 9'),
    );
    assert.equal(store, cache);
    assert.equal(remote.name, 'local');
    assert.equal(cache.statistics().maxBytes, 7e6);
    assert.equal(cache.statistics().hardMaxBytes, 9e6);
    await close();
  });

  it('finds what was not sent when it is opened again', async () => {
    const first = await openStore(configurationOf());
    await writeBytes(first.store, '/a', 'hello');
    await first.close();
    const second = await openStore(configurationOf());
    assert.equal(await readText(second.store, '/a'), 'hello');
    assert.equal(second.cache.pending().length, 1);
    await second.cache.drain();
    await second.close();
    assert.equal(readFileSync(join(directory, 'store/a'), 'utf8'), 'hello');
  });

  it('refuses a cache that is in use, or that belongs to another account', async () => {
    const { close } = await openStore(configurationOf('cache_id = mine'));
    await assert.rejects(openStore(configurationOf('cache_id = mine')), {
      name: 'DirectoryInUseError',
      pid: process.pid,
    });
    await close();
    await assert.rejects(openStore(configurationOf('cache_id = mine', 'other')), /belongs to another account or root/);
  });

  it('refuses places that contradict each other', async () => {
    const mountPoint = join(directory, 'mnt');
    mkdirSync(mountPoint);
    await assert.rejects(openStore(configurationOf('', 'cache'), {}), (error) => isStoreError(error, 'InvalidPath'));
    await assert.rejects(openStore(configurationOf('', 'mnt'), { mountPoint }), (error) =>
      isStoreError(error, 'InvalidPath'),
    );
    const inside = configurationOf('cache_dir = mnt/cache');
    await assert.rejects(openStore(inside, { mountPoint }), /lies inside the mount point/);
  });

  it('checks a store without its cache', async () => {
    const { close } = await openStore(configurationOf());
    await checkStore(configurationOf());
    await close();
    await assert.rejects(checkStore(configurationOf('', 'no/such/root')), (error) => isStoreError(error, 'NotFound'));
  });

  it('refuses a root that cannot be read', {
    skip: process.getuid?.() === 0 && 'root may read everything',
  }, async () => {
    mkdirSync(join(directory, 'closed'));
    chmodSync(join(directory, 'closed'), 0);
    const refused = openStore(configurationOf('', 'closed'));
    await assert.rejects(refused, (error) => isStoreError(error, 'PermissionDenied'));
    chmodSync(join(directory, 'closed'), 0o700);
  });
});
