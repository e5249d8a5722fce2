import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { readText, writeBytes } from '../store/operations.ts';

const mebibyte = 1 << 20;
const limit = { timeout: 60_000 };

/** A file system of 8 MiB, or undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'cloudfusion-test', directory]);
  if (status === 0) return directory;
  rmdirSync(directory);
  return undefined;
}

function unmount(directory: string): void {
  spawnSync('umount', ['-l', directory]);
  rmdirSync(directory);
}

const disk = smallDisk();
const skip = disk === undefined && 'only root may mount the small file system that it needs';
if (disk !== undefined) unmount(disk);

/** A cache on a disk of its own. */
function trialOnSmallDisk(t: TestContext): CacheTrial {
  const directory = smallDisk();
  assert.ok(directory);
  const trial = new CacheTrial(t, { directory: join(directory, 'cache') });
  t.after(() => unmount(directory));
  return trial;
}

function freeBytes({ directory }: CacheTrial): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Fills the disk from outside; answers what makes it empty again. */
function fill(trial: CacheTrial): () => void {
  const path = join(trial.directory, '..', 'ballast');
  try {
    for (let block = 1 << 16; block >= 1; block = block >> 1) {
      for (;;) {
        try {
          writeFileSync(path, Buffer.alloc(block), { flag: 'a' });
        } catch {
          break;
        }
      }
    }
  } finally {
    assert.ok(freeBytes(trial) < 4096);
  }
  return () => unlinkSync(path);
}

describe('a full disk below the cache', () => {
  it('is QuotaExceeded from write; what was written before stays whole', { ...limit, skip }, async (t) => {
    const trial = trialOnSmallDisk(t);
    await trial.save('/before', 'b'.repeat(mebibyte));
    const directory = trial.tree.root;
    const node = await trial.tree.createFile(directory, 'growing', { mode: 0o644, uid: 0, gid: 0 });
    const file = await trial.tree.open(node.id, { write: true });
    let written = 0;
    const block = Buffer.alloc(1 << 17, 'g');
    await assert.rejects(
      async () => {
        for (; written < 16 * mebibyte; written += block.length) await file.write(written, block);
      },
      { code: 'QuotaExceeded' },
    );
    assert.equal(file.node.size, written);
    assert.ok(written > 4 * mebibyte);
    await assert.rejects(writeBytes(trial.cache, '/other', 'o'.repeat(3 * mebibyte)), { code: 'QuotaExceeded' });
    assert.equal(await trial.find('/other'), undefined);
    assert.equal(await trial.text('/before'), 'b'.repeat(mebibyte));
    await trial.remove('/before');
    await file.flush();
    file.release();
    await trial.reopen();
    assert.equal(await trial.text('/growing'), 'g'.repeat(written));
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/growing': 'g'.repeat(written) });
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('is QuotaExceeded from fallocate, which promises room', { ...limit, skip }, async (t) => {
    const trial = trialOnSmallDisk(t);
    await writeBytes(trial.store, '/clean', 'c'.repeat(5 * mebibyte));
    await trial.text('/clean');
    // The request that brought it ends with the turn.
    await new Promise((resolve) => setImmediate(resolve));
    await trial.save('/f', 'short');
    const file = await trial.open('/f', true);
    await assert.rejects(async () => file.allocate(0, 9 * mebibyte, false), { code: 'QuotaExceeded' });
    assert.equal(file.node.size, 5);
    await file.allocate(0, 6 * mebibyte, false);
    assert.equal(file.node.size, 6 * mebibyte, 'clean content made room');
    file.release();
  });

  it('clean content makes room first', { ...limit, skip }, async (t) => {
    const trial = trialOnSmallDisk(t);
    for (const name of ['a', 'b', 'c']) await writeBytes(trial.store, `/clean ${name}`, name.repeat(mebibyte));
    for (const name of ['a', 'b', 'c']) await trial.text(`/clean ${name}`);
    await trial.save('/new', 'n'.repeat(6 * mebibyte));
    assert.equal(await trial.text('/new'), 'n'.repeat(6 * mebibyte));
    await writeBytes(trial.cache, '/second', 's'.repeat(mebibyte / 2));
    assert.equal(await readText(trial.cache, '/second'), 's'.repeat(mebibyte / 2));
    await trial.cache.drain();
    for (const name of ['a', 'b', 'c']) assert.equal(await trial.text(`/clean ${name}`), name.repeat(mebibyte));
  });

  it('a write over old bytes that fails in the middle leaves a file of its size, which is sent', {
    ...limit,
    skip,
  }, async (t) => {
    const trial = trialOnSmallDisk(t);
    await trial.save('/f', 'old '.repeat(1000));
    const file = await trial.open('/f', true);
    const makeRoom = fill(trial);
    await assert.rejects(async () => file.write(2000, Buffer.alloc(mebibyte, 'new ')), { code: 'QuotaExceeded' });
    assert.equal(file.node.size, 4000);
    const text = await trial.text('/f');
    assert.match(text, /^(old ){500}(old |new )*$/);
    assert.equal(text.length, 4000);
    makeRoom();
    file.release();
    await trial.reopen();
    assert.equal(await trial.text('/f'), text);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/f': text });
  });

  it('creating, renaming and removing fail as a whole or not at all', { ...limit, skip }, async (t) => {
    const trial = trialOnSmallDisk(t);
    for (let i = 0; i < 20; i++) await trial.save(`/${i}`, `content ${i}`);
    let makeRoom = fill(trial);
    let failures = 0;
    for (let i = 0; i < 60; i++) {
      if (i % 20 === 10) makeRoom();
      if (i % 20 === 15) makeRoom = fill(trial);
      const steps = [
        () => trial.save(`/new ${i}`, 'new'),
        () => trial.rename(`/${i % 20}`, `/moved ${i}`),
        () => trial.rename(`/moved ${i}`, `/${i % 20}`),
        () => trial.makeDirectory(`/d ${i}`),
      ];
      for (const step of steps) {
        await step().catch((error: unknown) => {
          failures++;
          if (!(error instanceof TypeError))
            assert.equal((error as { code?: string }).code, 'QuotaExceeded', String(error));
        });
      }
    }
    const shown = Object.keys(await contentsOf(trial.cache));
    makeRoom();
    await trial.reopen();
    assert.deepEqual(Object.keys(await contentsOf(trial.cache)), shown);
    for (let i = 0; i < 20; i++) assert.ok(shown.some((path) => path === `/${i}` || path.startsWith('/moved')));
    await trial.cache.drain();
    assert.deepEqual(Object.keys(await contentsOf(trial.store)), shown);
    t.diagnostic(`${failures} steps failed; ${readdirSync(trial.directory).join(', ')}`);
  });
});
