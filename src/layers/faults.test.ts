import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { readBytes } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import { type FaultOptions, type FaultyStore, withFaults } from './faults.ts';
import { seededRandom } from './seeded-random.ts';

testStore('faults(memory) without faults', {
  runner: { describe, it },
  open: () => withFaults(new MemoryStore(), { seed: 1 }),
});
testStore('faults(memory) that is slow', {
  runner: { describe, it },
  open: () => withFaults(new MemoryStore(), { seed: 2, delay: 1 }),
});

function faulty(options: Partial<FaultOptions> = {}): { memory: MemoryStore; store: FaultyStore } {
  const memory = new MemoryStore();
  return { memory, store: withFaults(memory, { seed: 1, ...options }) };
}

async function outcomes(seed: number): Promise<string[]> {
  const { store } = faulty({ seed, failureRate: 0.4, shortReadRate: 0.4, lostAnswerRate: 0.4 });
  const found: string[] = [];
  const note = async (call: Promise<unknown>): Promise<void> => {
    found.push(await call.then(String, (error: unknown) => (isStoreError(error) ? error.message : String(error))));
  };
  for (let round = 0; round < 30; round += 1) {
    await note(store.write('/a', bytesSource(`content ${round}`), { modified: 0 }).then(({ size }) => size));
    await note(readBytes(store, '/a'));
  }
  return found;
}

test('the same seed brings the same faults, another seed others', async () => {
  assert.deepEqual(await outcomes(7), await outcomes(7));
  assert.notDeepEqual(await outcomes(7), await outcomes(8));
});

test('the random numbers are spread over [0, 1)', () => {
  const random = seededRandom(3);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const tenth = Math.floor(random() * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  assert.equal(tenths.length, 10);
  assert.ok(
    tenths.every((count) => count > 850 && count < 1150),
    String(tenths),
  );
});

test('a failure happens before the store is reached', async () => {
  const { memory, store } = faulty({ failureRate: 1, retryAfter: 33 });
  const codes = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    const error = await store.write('/a', bytesSource('x')).catch((error: unknown) => error);
    assert.ok(isStoreError(error) && error.retryable && error.path === '/a' && error.operation === 'write');
    assert.equal(error.retryAfter, error.code === 'RateLimited' ? 33 : undefined);
    codes.add(error.code);
  }
  assert.deepEqual([...codes].sort(), ['RateLimited', 'Unavailable']);
  await assert.rejects(memory.stat('/a'), { code: 'NotFound' });
});

test('a lost answer is a change that happened', async () => {
  const { memory, store } = faulty({ lostAnswerRate: 1 });
  await assert.rejects(store.write('/a', bytesSource('x')), { code: 'Unavailable' });
  assert.equal((await memory.stat('/a')).kind, 'file');
  await assert.rejects(store.delete('/a'), { code: 'Unavailable' });
  await assert.rejects(memory.stat('/a'), { code: 'NotFound' });
  assert.equal((await store.stat('/')).kind, 'directory');
});

test('a short read delivers the beginning of what was asked for, and fails', async () => {
  const { memory, store } = faulty({ shortReadRate: 1 });
  const content = new Uint8Array(300_000).map((_, index) => index % 251);
  await memory.write('/a', bytesSource(content));
  for (let round = 0; round < 10; round += 1) {
    const { body } = await store.read('/a', { offset: 1000, length: 200_000 });
    const received: number[] = [];
    await assert.rejects(
      async () => {
        for await (const chunk of body) received.push(...chunk);
      },
      { code: 'Unavailable' },
    );
    assert.ok(received.length < 200_000);
    assert.deepEqual(Uint8Array.from(received), content.subarray(1000, 1000 + received.length));
  }
});

test('a script decides call by call', async () => {
  const { store } = faulty({
    fail: ({ operation, path }) => (operation === 'write' && path === '/bad' ? new StoreError('TooLarge') : undefined),
  });
  await assert.rejects(store.write('/bad', bytesSource('x')), { code: 'TooLarge' });
  await store.write('/good', bytesSource('x'));
  store.faults.heal();
  await store.write('/bad', bytesSource('x'));
});

test('a pause holds the calls that match until it ends', { timeout: 10_000 }, async () => {
  const { memory, store } = faulty();
  store.faults.pause(({ operation }) => operation === 'write');
  assert.throws(() => store.faults.pause(), TypeError);
  const writes = [store.write('/a', bytesSource('1')), store.write('/b', bytesSource('2'))];
  await store.faults.held(2);
  assert.deepEqual(await Array.fromAsync(store.list('/')), []);
  assert.deepEqual(await Array.fromAsync(memory.list('/')), []);
  store.faults.resume();
  await Promise.all(writes);
  assert.equal((await Array.fromAsync(memory.list('/'))).length, 2);
  await assert.rejects(store.faults.held(), TypeError);
});

test('a held or delayed call can be aborted', { timeout: 10_000 }, async () => {
  const { memory, store } = faulty();
  store.faults.pause();
  const abort = new AbortController();
  const held = store.write('/a', bytesSource('1'), { signal: abort.signal });
  await store.faults.held();
  abort.abort(new Error('enough'));
  await assert.rejects(held, /enough/);
  store.faults.resume();
  store.faults.delay = 1e9;
  const again = new AbortController();
  const delayed = store.write('/a', bytesSource('1'), { signal: again.signal });
  again.abort(new Error('enough of that'));
  await assert.rejects(delayed, /enough of that/);
  assert.deepEqual(await Array.fromAsync(memory.list('/')), []);
});

test('without a network new calls fail, and those under way lose the rest', async () => {
  const { memory, store } = faulty();
  await memory.write('/a', bytesSource(new Uint8Array(1 << 20)));
  const body = (await store.read('/a')).body[Symbol.asyncIterator]();
  await body.next();
  store.faults.offline = true;
  await assert.rejects(async () => body.next(), { code: 'Unavailable' });
  await assert.rejects(store.stat('/a'), { code: 'Unavailable' });
  await assert.rejects(Array.fromAsync(store.list('/')), { code: 'Unavailable' });
  store.faults.offline = false;
  assert.equal((await store.stat('/a')).kind, 'file');
  store.faults.offline = true;
  await store.close();
});
