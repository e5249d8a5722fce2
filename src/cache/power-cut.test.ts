/** What a power cut may leave of a cache directory, one case each; test/crash/power-cut.test.ts finds them at random. */
import assert from 'node:assert/strict';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { Database } from '../database/database.ts';
import { bytesSource } from '../store/source.ts';
import { Contents } from './contents.ts';
import { DataFiles } from './data-files.ts';

const limit = { timeout: 20_000 };

/** A cache on the directory as it is now, after the machine was started anew. */
function afterCut(
  t: TestContext,
  trial: CacheTrial,
  change: (directory: string) => void = () => undefined,
): CacheTrial {
  const directory = trial.copyOfDirectory();
  writeFileSync(join(directory, 'boot'), 'another boot');
  change(directory);
  return new CacheTrial(t, { directory, store: trial.store, inlineBytes: 0 });
}

function dataFilesIn(directory: string): string[] {
  const files = new DataFiles(join(directory, 'data'));
  return [...DataFiles.stored(join(directory, 'data'))].map((content) => files.pathOf(content));
}

/** Holds back what makes commits durable until the function that this answers is called. */
function holdDisk(t: TestContext): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  t.mock.method(Database.prototype, 'makeDurable', () => promise);
  return resolve;
}

describe('after a power cut', () => {
  it('a cache opens in which a file without a name is found', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/f', 'text');
    const again = afterCut(t, trial, (directory) => writeFileSync(join(directory, 'data', 'trial'), ''));
    assert.equal(await again.text('/f'), 'text');
  });

  it('a file that was renamed and not changed is fetched again', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'text');
    await trial.cache.drain();
    await trial.tree.rename(trial.tree.root, 'f', trial.tree.root, 'g', {});
    const again = afterCut(t, trial, (directory) => {
      for (const path of dataFilesIn(directory)) truncateSync(path);
    });
    assert.equal(await again.text('/g'), 'text');
  });

  it('a file whose replacement was not durable has its content', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'old');
    await trial.save('/new', 'new');
    const files = dataFilesIn(trial.directory);
    const release = holdDisk(t);
    await trial.tree.rename(trial.tree.root, 'new', trial.tree.root, 'f', {});
    await keptUntil(release, trial, files);
    assert.equal(await trial.text('/f'), 'new');
  });

  it('a file whose sending was not durable has its content when it is removed', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    const release = holdDisk(t);
    await trial.save('/f', 'text');
    await trial.cache.drain();
    const files = dataFilesIn(trial.directory);
    await trial.remove('/f');
    await keptUntil(release, trial, files);
  });

  it('a file whose sending was not durable is not dropped for others', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0, maxBytes: 100 });
    const release = holdDisk(t);
    await trial.save('/f', 'x'.repeat(80));
    await trial.cache.drain();
    const files = dataFilesIn(trial.directory);
    await trial.save('/g', 'y'.repeat(80));
    await keptUntil(release, trial, files);
    assert.equal(await trial.text('/f'), 'x'.repeat(80));
  });

  it('a file whose content was replaced has the old one until that is durable', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    const release = holdDisk(t);
    await trial.cache.write('/f', bytesSource('old'));
    const files = dataFilesIn(trial.directory);
    await trial.cache.write('/f', bytesSource('new'));
    await keptUntil(release, trial, files);
    assert.equal(await trial.text('/f'), 'new');
  });
});

describe('a content that was given up and is still there', () => {
  it('goes with the cache that is closed', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'text');
    await trial.remove('/f');
    await trial.cache.close();
    assert.deepEqual(dataFilesIn(trial.directory), []);
  });

  it('is no lost one, also where it was the only one', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    const release = holdDisk(t);
    await trial.save('/f', 'text');
    await trial.remove('/f');
    const killed = new CacheTrial(t, { directory: trial.copyOfDirectory() });
    assert.deepEqual([killed.cache.problems(), dataFilesIn(killed.directory)], [[], []]);
    release();
  });
});

/** Data files stay until the disk is released, and one of them goes then. */
async function keptUntil(release: () => void, { directory }: CacheTrial, files: readonly string[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
  const left = dataFilesIn(directory);
  assert.ok(
    files.every((file) => left.includes(file)),
    'all are there while the disk works',
  );
  release();
  while (files.every((file) => existsSync(file))) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('before a power cut', () => {
  /** How often a data file was synced while its writer waited. */
  function synced(t: TestContext): () => number {
    const counting = t.mock.method(DataFiles.prototype, 'syncNow');
    const seen = (): number => counting.mock.callCount();
    return seen;
  }

  it('a small file that was synced is synced again when it grows out of the database', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    const seen = synced(t);
    await trial.save('/unsynced', 'x');
    await trial.save('/unsynced', 'x'.repeat(200));
    assert.equal(seen(), 0);
    await trial.save('/f', 'x');
    const file = await trial.open('/f', true);
    await file.sync();
    await file.write(0, Buffer.alloc(200));
    file.release();
    assert.equal(seen(), 1);
  });

  it('a small file that the store has is synced when it grows out of the database', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    await trial.save('/f', 'x');
    await trial.cache.drain();
    const seen = synced(t);
    const file = await trial.open('/f', true);
    await file.write(0, Buffer.alloc(200));
    file.release();
    assert.equal(seen(), 1);
  });

  it('what the store has is on the disk before its first change', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'x'.repeat(200));
    await trial.cache.drain();
    const seen = synced(t);
    const file = await trial.open('/f', true);
    await file.write(0, Buffer.from('y'));
    await file.write(1, Buffer.from('y'));
    file.release();
    assert.equal(seen(), 1, 'once');
    await trial.cache.drain();
    await trial.tree.truncate((await trial.find('/f'))?.id as number, 0);
    assert.equal(seen(), 1, 'nothing is kept of it');
  });

  it('a large file is on the disk before its first change, and only its writer waits', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/f', Buffer.alloc(17 << 20, 'x'));
    await trial.cache.drain();
    const { promise, resolve } = Promise.withResolvers<void>();
    const syncs = t.mock.method(Contents.prototype, 'sync', () => promise);
    const file = await trial.open('/f', true);
    assert.equal(file.openDirectly(false), undefined);
    let written = false;
    const writing = Promise.resolve(file.write(0, Buffer.from('y'))).then(() => (written = true));
    await trial.save('/other', 'text');
    await new Promise((done) => setTimeout(done, 20));
    assert.equal(written, false);
    resolve();
    await writing;
    assert.equal(syncs.mock.callCount(), 1, 'once for all');
    assert.notEqual(file.openDirectly(false), undefined);
    file.release();
  });
});
