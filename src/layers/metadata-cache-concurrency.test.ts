import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { type Call, intercept } from '../store/intercept.ts';
import { bytesSource } from '../store/source.ts';
import type { Store } from '../store/store.ts';
import { type FaultyStore, withFaults } from './faults.ts';
import { Gate } from './gate.ts';
import { type MetadataCacheOptions, withMetadataCache } from './metadata-cache.ts';
import { type CountingStore, withStatistics } from './statistics.ts';

const limits = { timeout: 10_000 };

interface Bench {
  readonly memory: MemoryStore;
  readonly remote: FaultyStore;
  readonly counted: CountingStore;
  readonly store: Store;
}

function bench(options: MetadataCacheOptions = {}): Bench {
  const memory = new MemoryStore();
  const remote = withFaults(memory, { seed: 1 });
  const counted = withStatistics(remote);
  return { memory, remote, counted, store: withMetadataCache(counted, options) };
}

/** A cache whose remote answers late: what matches happens at once, and its answer waits for the gate. */
function lateBench(matching: (call: Call) => boolean): { memory: MemoryStore; store: Store; gate: Gate } {
  const memory = new MemoryStore();
  const gate = new Gate();
  const late = intercept(memory, 'late', async (call, proceed) => {
    await proceed();
    if (matching(call)) await gate.pass();
  });
  return { memory, store: withMetadataCache(late, { prefetch: 0 }), gate };
}

async function names(store: Store, directory: string, signal?: AbortSignal): Promise<string[]> {
  return (await Array.fromAsync(store.list(directory, { signal }))).map(({ path }) => path).sort();
}

test('equal questions at the same time share one call', limits, async () => {
  const { memory, remote, counted, store } = bench();
  await memory.write('/d/a', bytesSource('1'));
  await memory.write('/d/b', bytesSource('2'));
  remote.faults.pause();
  const answers = Promise.all([
    store.stat('/d/a'),
    store.stat('/d/b'),
    store.stat('/d/a'),
    names(store, '/d'),
    names(store, '/d'),
    store.stat('/'),
    store.stat('/'),
    store.usage(),
    store.usage(),
  ]);
  await remote.faults.held(3);
  remote.faults.resume();
  const [a, b, again, listed] = await answers;
  assert.deepEqual([a.path, b.path, again.path, listed], ['/d/a', '/d/b', '/d/a', ['/d/a', '/d/b']]);
  const { list, stat, usage } = counted.statistics().operations;
  assert.deepEqual([list.calls, stat.calls, usage.calls], [1, 1, 1]);
});

test('an abort ends the wait of one caller, and not the call of the others', limits, async () => {
  const { memory, remote, counted, store } = bench();
  await memory.write('/d/a', bytesSource('1'));
  for (const ask of [
    (signal?: AbortSignal) => store.stat('/d/a', { signal }),
    (signal?: AbortSignal) => names(store, '/', signal),
    (signal?: AbortSignal) => store.stat('/', { signal }),
    (signal?: AbortSignal) => store.usage({ signal }),
  ]) {
    remote.faults.pause();
    const abort = new AbortController();
    const first = ask(abort.signal);
    const second = ask();
    await remote.faults.held();
    abort.abort(new Error('not me'));
    await assert.rejects(first, /not me/);
    remote.faults.resume();
    await second;
  }
  const { list, stat, usage } = counted.statistics().operations;
  assert.deepEqual([list.calls, stat.calls, usage.calls], [2, 1, 1]);
});

test('the call itself is aborted when nobody waits any more, and the next caller makes a new one', limits, async () => {
  const { memory, remote, counted, store } = bench();
  await memory.write('/a', bytesSource('1'));
  const asks = [
    (signal?: AbortSignal) => store.stat('/', { signal }),
    (signal?: AbortSignal) => names(store, '/', signal),
    (signal?: AbortSignal) => store.usage({ signal }),
  ];
  for (const ask of asks) {
    remote.faults.pause();
    const abort = new AbortController();
    const both = [ask(abort.signal), ask(abort.signal)];
    await remote.faults.held();
    abort.abort(new Error('all'));
    for (const each of both) await assert.rejects(each, /all/);
    remote.faults.resume();
    await ask();
  }
  const { list, stat, usage } = counted.statistics().operations;
  assert.deepEqual([list.calls, stat.calls, usage.calls], [2, 2, 2]);
  assert.deepEqual(counted.statistics().failures, {});
});

test('a listing that was under way during a write is not believed about it', limits, async () => {
  const { memory, store, gate } = lateBench(({ operation }) => operation === 'list');
  await memory.write('/d/old', bytesSource('1'));
  const listing = names(store, '/d');
  await gate.reached(1);
  await store.write('/d/new', bytesSource('2'));
  await store.delete('/d/old');
  gate.open();
  assert.deepEqual(await listing, ['/d/old']);
  assert.deepEqual(await names(store, '/d'), ['/d/new']);
  assert.equal((await store.stat('/d/new')).path, '/d/new');
  await assert.rejects(store.stat('/d/old'), { code: 'NotFound' });
});

test('who asks after a write does not get an answer from before', limits, async () => {
  const { memory, store, gate } = lateBench(({ operation }) => operation === 'list' || operation === 'stat');
  await memory.write('/d/old', bytesSource('1'));
  const before = [names(store, '/d'), store.stat('/d/old'), store.stat('/d/new').catch(() => undefined)];
  await gate.reached(2);
  await store.copy('/d/old', '/d/new');
  await store.write('/d/old', bytesSource('changed'));
  const listing = names(store, '/d');
  const found = store.stat('/d/new');
  gate.open();
  await Promise.all(before);
  assert.deepEqual(await listing, ['/d/new', '/d/old']);
  assert.equal((await found).path, '/d/new');
  assert.deepEqual(await store.stat('/d/old'), await memory.stat('/d/old'));
});

test('a listing that was under way when its directory was moved is not believed at all', limits, async () => {
  const { memory, store, gate } = lateBench(({ operation }) => operation === 'list');
  await memory.write('/a/deep/file', bytesSource('1'));
  const listings = [names(store, '/a'), names(store, '/a/deep')];
  await gate.reached(2);
  await store.move('/a', '/b');
  gate.open();
  await Promise.all(listings);
  await assert.rejects(names(store, '/a'), { code: 'NotFound' });
  await assert.rejects(store.stat('/a/deep/file'), { code: 'NotFound' });
});

test('a missing directory that is made meanwhile is not remembered as missing', limits, async () => {
  const memory = new MemoryStore();
  const gate = new Gate();
  const late = intercept(memory, 'late', async ({ operation }, proceed) => {
    try {
      await proceed();
    } finally {
      if (operation === 'list') await gate.pass();
    }
  });
  const store = withMetadataCache(late, { prefetch: 0 });
  const listing = names(store, '/d');
  await gate.reached(1);
  await store.write('/d/file', bytesSource('1'));
  gate.open();
  await assert.rejects(listing, { code: 'NotFound' });
  assert.deepEqual(await names(store, '/d'), ['/d/file']);
});

test('of two writes at once the later one is found, whichever answers first', limits, async () => {
  const { memory, store, gate } = lateBench(
    (call) => call.operation === 'write' && call.source.size === 'first'.length,
  );
  const first = store.write('/a', bytesSource('first'));
  await gate.reached(1);
  await store.write('/a', bytesSource('second one'));
  gate.open();
  await first;
  assert.deepEqual(await store.stat('/a'), await memory.stat('/a'));
});

test('a write below a directory that is deleted at the same time leaves no false trace', limits, async () => {
  const { memory, store, gate } = lateBench(({ operation }) => operation === 'delete');
  await memory.write('/d/old', bytesSource('1'));
  const deletion = store.delete('/d', { recursive: true });
  await gate.reached(1);
  await store.write('/d/new', bytesSource('2'));
  gate.open();
  await deletion;
  assert.equal((await store.stat('/d')).kind, 'directory');
  assert.deepEqual(await names(store, '/d'), ['/d/new']);
});

test('a slow reader of a listing gets every entry, a reader who joins too', limits, async () => {
  const { memory, counted, store } = bench({ maxEntries: 10 });
  for (let index = 0; index < 50; index += 1) await memory.write(`/${index}`, bytesSource(''));
  const slow = store.list('/')[Symbol.asyncIterator]();
  assert.equal((await slow.next()).done, false);
  assert.equal((await names(store, '/')).length, 50);
  let count = 1;
  while ((await slow.next()).done !== true) count += 1;
  assert.equal(count, 50);
  assert.equal(counted.statistics().operations.list.calls, 1);
});
