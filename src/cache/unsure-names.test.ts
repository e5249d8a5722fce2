import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, never, until } from '../../test/fakes/cache-trial.ts';
import { MemoryBucket } from '../../test/fakes/memory-bucket.ts';
import { BucketStore } from '../providers/bucket/bucket-store.ts';
import { StoreError } from '../store/errors.ts';

const limit = { timeout: 30_000 };
const many = 40;

/** A cache over a bucket of empty keys, one of which marks a directory. */
function emptyKeys(t: TestContext, metadataTime = never): { trial: CacheTrial; bucket: MemoryBucket } {
  const bucket = new MemoryBucket();
  bucket.plant('mark', '', 'application/x-directory');
  for (let i = 0; i < many; i++) bucket.plant(`f${i}`, '');
  return { trial: new CacheTrial(t, { store: new BucketStore(bucket), metadataTime }), bucket };
}

function heads(bucket: MemoryBucket): number {
  return bucket.requests.filter(({ kind }) => kind === 'head').length;
}

async function kindOf({ tree }: CacheTrial, name: string): Promise<string | undefined> {
  return (await tree.lookup(tree.root, name))?.kind;
}

describe('names of which a listing does not tell whether they are files', () => {
  it('are shown at once, and looked at when nobody waits', limit, async (t) => {
    const { trial, bucket } = emptyKeys(t);
    const gate = Promise.withResolvers<void>();
    bucket.before = (kind) => (kind === 'head' ? gate.promise : undefined);
    const changes: string[] = [];
    trial.tree.onChange((change) => changes.push('name' in change ? `${change.kind} ${change.name}` : change.kind));
    assert.equal((await trial.tree.list(trial.tree.root)).length, many + 1);
    assert.equal(await kindOf(trial, 'mark'), 'file');
    const file = (await trial.tree.lookup(trial.tree.root, 'f1'))?.id;
    gate.resolve();
    await until(async () => (await kindOf(trial, 'mark')) === 'directory');
    assert.deepEqual(changes, ['removed mark', 'added mark']);
    assert.equal(heads(bucket), many + 1);
    assert.equal((await trial.tree.lookup(trial.tree.root, 'f1'))?.id, file, 'a file stays the file that it was');
  });

  it('are looked at once in a version, also after a restart', limit, async (t) => {
    const { trial, bucket } = emptyKeys(t, 1);
    await bucket.delete('mark', {});
    await trial.tree.list(trial.tree.root);
    await until(() => heads(bucket) === many && trial.seen.every(({ outcome }) => outcome === 'done'));
    bucket.requests.length = 0;
    // One that knows nothing of what another one has looked at.
    const later = restarted(t, trial, bucket);
    await listAgain(later);
    await sleep(20);
    assert.equal(heads(bucket), 0);
    bucket.plant('f0', '');
    await listAgain(later);
    await until(() => heads(bucket) > 0);
  });

  it('are directories as long as nobody has looked again', limit, async (t) => {
    const { trial, bucket } = emptyKeys(t, 1);
    await bucketIsKnown(trial);
    const directory = (await trial.tree.lookup(trial.tree.root, 'mark'))?.id;
    bucket.fail = (kind) => (kind === 'head' ? new StoreError('Unavailable') : undefined);
    const later = restarted(t, trial, bucket);
    await listAgain(later);
    assert.equal((await later.tree.lookup(later.tree.root, 'mark'))?.id, directory);
  });

  it('are known to a program that lists or asks by path', limit, async (t) => {
    const { trial } = emptyKeys(t);
    const listed = await Array.fromAsync(trial.cache.list('/'));
    assert.deepEqual(
      listed.filter(({ kind }) => kind === 'directory').map(({ path }) => path),
      ['/mark'],
    );
    const other = emptyKeys(t).trial;
    assert.equal((await other.cache.stat('/mark')).kind, 'directory');
  });

  it('are told as unsure to a program that asks for that', limit, async (t) => {
    const { trial, bucket } = emptyKeys(t);
    bucket.fail = (kind) => (kind === 'head' ? new StoreError('Unavailable') : undefined);
    const quick = await Array.fromAsync(trial.cache.list('/', { quick: true }));
    assert.equal(quick.filter((entry) => entry.kind === 'file' && entry.unsure === true).length, many + 1);
  });

  it('are looked at later where that failed', limit, async (t) => {
    const { trial, bucket } = emptyKeys(t, 1);
    bucket.fail = (kind) => (kind === 'head' ? new StoreError('Unavailable') : undefined);
    await trial.tree.list(trial.tree.root);
    await until(() => heads(bucket) > 0);
    assert.equal(await kindOf(trial, 'mark'), 'file');
    bucket.fail = undefined;
    await bucketIsKnown(restarted(t, trial, bucket));
  });

  it('keep what was written to one of them meanwhile', limit, async (t) => {
    const { trial, bucket } = emptyKeys(t);
    bucket.fail = (kind) => (kind === 'head' ? new StoreError('Unavailable') : undefined);
    await trial.tree.list(trial.tree.root);
    await trial.save('/mark', 'mine');
    bucket.fail = undefined;
    await trial.cache.drain();
    const found = await contentsOf(trial.store);
    // In the place of the mark, or beside it where that was looked at meanwhile.
    assert.equal(Object.values(found).filter((text) => text === 'mine').length, 1);
    assert.deepEqual(trial.cache.pending(), []);
  });
});

/** Another process, over what one left that was killed now. */
function restarted(t: TestContext, trial: CacheTrial, bucket: MemoryBucket): CacheTrial {
  return new CacheTrial(t, { store: new BucketStore(bucket), directory: trial.copyOfDirectory(), metadataTime: 1 });
}

/** Lists until it is known what the keys are. */
async function bucketIsKnown(trial: CacheTrial): Promise<void> {
  await until(async () => {
    await trial.tree.list(trial.tree.root);
    return (await kindOf(trial, 'mark')) === 'directory';
  });
}

/** Lists three times, each of which asks the store. */
async function listAgain(trial: CacheTrial): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await sleep(3);
    await trial.tree.list(trial.tree.root);
  }
}
