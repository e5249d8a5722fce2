import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';

const limit = { timeout: 30_000 };

/** Everything in a directory that others than its owner could reach, and the directory itself. */
function open(directory: string): string[] {
  return [directory, ...readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name)))]
    .map((path) => [path, lstatSync(path)] as const)
    .filter(([, status]) => (status.mode & 0o777) !== (status.isDirectory() ? 0o700 : 0o600))
    .map(([path, { mode }]) => `${path} ${(mode & 0o777).toString(8)}`);
}

function withUmask(t: TestContext, mask: number): void {
  const before = process.umask(mask);
  t.after(() => void process.umask(before));
}

/** A cache that has made every kind of file that it makes. */
async function usedCache(t: TestContext, directory?: string): Promise<CacheTrial> {
  const trial = new CacheTrial(t, directory === undefined ? {} : { directory });
  await trial.makeDirectory('/d');
  await trial.save('/d/small', 'small');
  await trial.save('/large', Buffer.alloc(100_000));
  await trial.save('/gone', Buffer.alloc(100_000));
  await trial.cache.drain();
  await trial.remove('/gone');
  await trial.save('/waiting', Buffer.alloc(100_000));
  trial.tree.withTrialFile(() => assert.deepEqual(open(trial.directory), []));
  return trial;
}

for (const mask of [0o000, 0o077])
  describe(`with a umask of ${mask.toString(8).padStart(3, '0')}, nobody else`, () => {
    it('can look into the cache while it is open, and afterwards', limit, async (t) => {
      withUmask(t, mask);
      const trial = await usedCache(t);
      const names = readdirSync(trial.directory);
      for (const name of ['data', 'index.db', 'index.db-wal', 'lock', 'pid', 'boot']) assert.ok(names.includes(name));
      await trial.cache.close();
      assert.deepEqual(open(trial.directory), []);
    });

    it('can look at what was put aside', limit, async (t) => {
      withUmask(t, mask);
      const trial = await usedCache(t);
      await trial.cache.close();
      for (const suffix of ['', '-wal', '-shm']) rmSync(join(trial.directory, `index.db${suffix}`), { force: true });
      await trial.reopen();
      assert.ok(readdirSync(join(trial.directory, 'lost+found')).length > 0);
      assert.deepEqual(open(trial.directory), []);
    });
  });

it('a directory and a database that others could read are closed to them', limit, async (t) => {
  withUmask(t, 0o022);
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-cache-'));
  chmodSync(directory, 0o755);
  for (const name of ['index.db', 'lock']) writeFileSync(join(directory, name), '', { mode: 0o644 });
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  await usedCache(t, directory);
});
