import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import type { Operation } from '../store/intercept.ts';
import { readText } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import type { Store } from '../store/store.ts';
import { type FaultyStore, withFaults } from './faults.ts';
import { type MetadataCacheOptions, withMetadataCache } from './metadata-cache.ts';
import { withStatistics } from './statistics.ts';

interface Bench {
  readonly memory: MemoryStore;
  readonly remote: FaultyStore;
  readonly store: Store;
  /** Calls that reached the remote since the last question: `{ stat: 1 }`. */
  readonly calls: () => Partial<Record<Operation, number>>;
  readonly pass: (milliseconds: number) => void;
}

function bench(options: MetadataCacheOptions = {}, memory: MemoryStore = new MemoryStore()): Bench {
  let now = 0;
  let before: Partial<Record<string, number>> = {};
  const remote = withFaults(memory, { seed: 1 });
  const counted = withStatistics(remote);
  return {
    memory,
    remote,
    store: withMetadataCache(counted, { now: () => now, ...options }),
    calls() {
      const counts = Object.entries(counted.statistics().operations).map(([name, { calls }]) => [name, calls] as const);
      const fresh = counts.map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
      before = Object.fromEntries(counts);
      return Object.fromEntries(fresh.filter(([, count]) => count > 0));
    },
    pass(milliseconds) {
      now += milliseconds;
    },
  };
}

async function fill(store: Store, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) await store.write(path, bytesSource(path));
}

async function names(store: Store, directory: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(directory))).map(({ path }) => path).sort();
}

test('one listing answers for all siblings, also for those that are missing', async () => {
  const { memory, store, calls } = bench();
  await fill(memory, '/d/a', '/d/b', '/d/c');
  for (const name of ['a', 'b', 'c']) assert.equal((await store.stat(`/d/${name}`)).path, `/d/${name}`);
  for (const path of ['/d/x', '/d/x/deep/down', '/d/y']) {
    await assert.rejects(store.stat(path), { code: 'NotFound', path, operation: 'stat' });
  }
  await assert.rejects(names(store, '/d/x'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/d'), ['/d/a', '/d/b', '/d/c']);
  assert.deepEqual(calls(), { list: 1 });
});

test('a missing parent is asked for once', async () => {
  const { store, calls } = bench();
  await assert.rejects(store.stat('/none/a'), { code: 'NotFound', path: '/none/a' });
  await assert.rejects(store.stat('/none/b'), { code: 'NotFound', path: '/none/b' });
  assert.deepEqual(calls(), { list: 1 });
});

test('nothing is older than the time to live', async () => {
  const { memory, store, calls, pass } = bench({ timeToLive: 1000 });
  await fill(memory, '/d/a');
  await store.stat('/d/a');
  await names(store, '/d');
  await store.usage();
  calls();
  pass(999);
  await memory.delete('/d/a');
  await fill(memory, '/d/b');
  assert.equal((await store.stat('/d/a')).path, '/d/a');
  assert.deepEqual(await names(store, '/d'), ['/d/a']);
  await assert.rejects(store.stat('/d/b'), { code: 'NotFound' });
  await store.usage();
  assert.deepEqual(calls(), {});
  pass(1);
  await assert.rejects(store.stat('/d/a'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/d'), ['/d/b']);
  assert.equal((await store.usage()).used, 4);
  assert.deepEqual(calls(), { list: 1, usage: 1 });
});

test('the age counts from the question, not from the answer', { timeout: 10_000 }, async () => {
  const { memory, remote, store, calls, pass } = bench({ timeToLive: 1000 });
  await fill(memory, '/d/a');
  remote.faults.pause();
  const listing = names(store, '/d');
  await remote.faults.held();
  pass(600);
  remote.faults.resume();
  await listing;
  pass(400);
  calls();
  await names(store, '/d');
  assert.deepEqual(calls(), { list: 1 });
});

test('a time to live of 0 keeps nothing', async () => {
  const { memory, store, calls } = bench({ timeToLive: 0 });
  await fill(memory, '/a');
  await store.stat('/a');
  await store.stat('/a');
  await names(store, '/');
  await names(store, '/');
  assert.deepEqual(calls(), { stat: 2, list: 2 });
});

test('a huge directory is not read to its end, and its names are asked for one by one', async () => {
  const { memory, store, calls, pass } = bench({ prefetch: 3, timeToLive: 1000 });
  await fill(memory, '/d/a', '/d/b', '/d/c', '/d/e', '/d/f');
  await store.stat('/d/f');
  assert.deepEqual(calls(), { list: 1, stat: 1 });
  await store.stat('/d/e');
  await store.stat('/d/e');
  await assert.rejects(store.stat('/d/x'), { code: 'NotFound' });
  await assert.rejects(store.stat('/d/x'), { code: 'NotFound' });
  assert.deepEqual(calls(), { stat: 2 });
  await names(store, '/d');
  await store.stat('/d/a');
  assert.deepEqual(calls(), { list: 1 });
  pass(1000);
  await store.stat('/d/a');
  assert.deepEqual(calls(), { list: 1, stat: 1 });
});

test('a directory that may not be listed is asked for one by one', async () => {
  const { memory, remote, store, calls } = bench();
  await fill(memory, '/d/a', '/d/b');
  remote.faults.fail = ({ operation }) => (operation === 'list' ? new StoreError('PermissionDenied') : undefined);
  await store.stat('/d/a');
  await store.stat('/d/b');
  assert.deepEqual(calls(), { list: 1, stat: 2 });
});

test('changes made here are seen at once, and cost no questions', async () => {
  const { store, calls } = bench();
  await names(store, '/');
  await fill(store, '/a', '/b');
  assert.equal((await store.stat('/a')).path, '/a');
  assert.deepEqual(await names(store, '/'), ['/a', '/b']);
  await assert.rejects(store.stat('/c'), { code: 'NotFound' });
  await store.delete('/a');
  await assert.rejects(store.stat('/a'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/'), ['/b']);
  assert.deepEqual(calls(), { list: 1, write: 2, delete: 1 });
});

test('writing makes parents, which are found', async () => {
  const { store } = bench();
  await assert.rejects(store.stat('/a/b/c'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/'), []);
  await fill(store, '/a/b/c');
  assert.deepEqual(await names(store, '/'), ['/a']);
  assert.deepEqual(await names(store, '/a'), ['/a/b']);
  assert.equal((await store.stat('/a/b')).kind, 'directory');
  await store.makeDirectory('/x/y');
  assert.deepEqual(await names(store, '/'), ['/a', '/x']);
});

test('moving and deleting directories takes along what is below', async () => {
  const { store } = bench();
  await fill(store, '/a/deep/file');
  await store.stat('/a/deep/file');
  await assert.rejects(store.stat('/b/deep/file'), { code: 'NotFound' });
  await store.move('/a', '/b');
  assert.equal((await store.stat('/b/deep/file')).path, '/b/deep/file');
  await assert.rejects(store.stat('/a/deep/file'), { code: 'NotFound' });
  await assert.rejects(store.stat('/c/deep/file'), { code: 'NotFound' });
  await store.copy('/b', '/c');
  assert.equal((await store.stat('/c/deep/file')).path, '/c/deep/file');
  await store.delete('/c', { recursive: true });
  await assert.rejects(store.stat('/c/deep/file'), { code: 'NotFound' });
  await assert.rejects(names(store, '/c/deep'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/'), ['/b']);
});

test('what was missing below a path is found when a directory is moved there', async () => {
  const { memory, store } = bench({ prefetch: 0 });
  await fill(memory, '/from/file');
  await assert.rejects(store.stat('/to/file'), { code: 'NotFound' });
  await assert.rejects(store.stat('/to'), { code: 'NotFound' });
  await store.move('/from', '/to');
  assert.equal((await store.stat('/to/file')).kind, 'file');
});

test('reading brings the entry up to date', async () => {
  const { memory, store } = bench();
  await fill(memory, '/a', '/b');
  await store.stat('/a');
  await memory.write('/a', bytesSource('longer than before'));
  await readText(store, '/a');
  assert.deepEqual(await store.stat('/a'), await memory.stat('/a'));
  await memory.delete('/b');
  await assert.rejects(store.read('/b'), { code: 'NotFound' });
  await assert.rejects(store.stat('/b'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/'), ['/a']);
});

test('a conflict makes the entry forgotten', async () => {
  const { memory, store } = bench();
  const old = await memory.write('/a', bytesSource('1'));
  await store.stat('/a');
  const theirs = await memory.write('/a', bytesSource('22'));
  await assert.rejects(store.write('/a', bytesSource('3'), { ifRevision: old.revision }), { code: 'Conflict' });
  assert.deepEqual(await store.stat('/a'), theirs);
  const theirNext = await memory.write('/a', bytesSource('333'));
  await assert.rejects(store.read('/a', { ifRevision: theirs.revision }), { code: 'Conflict' });
  assert.deepEqual(await store.stat('/a'), theirNext);
});

test('a change whose answer was lost is looked up', async () => {
  const { memory, remote, store } = bench();
  await fill(memory, '/old');
  await names(store, '/');
  remote.faults.lostAnswerRate = 1;
  await assert.rejects(fill(store, '/new/file'), { code: 'Unavailable' });
  await assert.rejects(store.delete('/old'), { code: 'Unavailable' });
  remote.faults.heal();
  assert.deepEqual(await names(store, '/'), ['/new']);
  await assert.rejects(store.stat('/old'), { code: 'NotFound' });
  assert.equal((await store.stat('/new/file')).kind, 'file');
});

test('failures are not remembered, and speak of the stat', async () => {
  const { memory, remote, store, calls } = bench();
  await fill(memory, '/a');
  remote.faults.offline = true;
  await assert.rejects(store.stat('/a'), { code: 'Unavailable', operation: 'stat', path: '/a' });
  await assert.rejects(names(store, '/'), { code: 'Unavailable' });
  await assert.rejects(store.usage(), { code: 'Unavailable' });
  assert.deepEqual(calls(), { list: 2, usage: 1 });
  remote.faults.offline = false;
  assert.equal((await store.stat('/a')).path, '/a');
  assert.deepEqual(await names(store, '/'), ['/a']);
  assert.equal((await store.usage()).used, 2);
});

test('a listing that fails midway tells nothing', async () => {
  const { memory, remote, store } = bench();
  await fill(memory, '/a', '/b');
  const listing = store.list('/')[Symbol.asyncIterator]();
  await listing.next();
  remote.faults.offline = true;
  await assert.rejects(
    async () => {
      while ((await listing.next()).done !== true);
    },
    { code: 'Unavailable' },
  );
  remote.faults.offline = false;
  assert.equal((await store.stat('/b')).path, '/b');
});

test('names that differ in case are one file where the service says so', async () => {
  const { store } = bench({}, new MemoryStore({ caseSensitive: false }));
  await fill(store, '/Folder/File');
  await names(store, '/Folder');
  assert.equal((await store.stat('/folder/file')).kind, 'file');
  await store.delete('/FOLDER/file');
  await assert.rejects(store.stat('/Folder/File'), { code: 'NotFound' });
  assert.deepEqual(await names(store, '/Folder'), []);
  await fill(store, '/folder/new');
  await store.move('/folder/new', '/folder/NEW');
  assert.deepEqual(await names(store, '/folder'), ['/folder/NEW']);
});

test('memory is bounded', async () => {
  const { memory, store, calls } = bench({ maxEntries: 20 });
  for (let directory = 0; directory < 10; directory += 1) {
    for (let file = 0; file < 5; file += 1) await fill(memory, `/${directory}/${file}`);
  }
  for (let directory = 0; directory < 10; directory += 1) await names(store, `/${directory}`);
  calls();
  await names(store, '/9');
  await names(store, '/8');
  assert.deepEqual(calls(), {});
  await names(store, '/0');
  assert.deepEqual(calls(), { list: 1 });
});

test('senseless options are a RangeError', () => {
  assert.throws(() => withMetadataCache(new MemoryStore(), { timeToLive: -1 }), RangeError);
  assert.throws(() => withMetadataCache(new MemoryStore(), { maxEntries: Number.NaN }), RangeError);
});
