import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { readBytes } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import { withFaults } from './faults.ts';
import { withStatistics } from './statistics.ts';

testStore('statistics(memory)', { runner: { describe, it }, open: () => withStatistics(new MemoryStore()) });

test('calls, bytes and rates of transfers', async () => {
  let now = 1000;
  const store = withStatistics(new MemoryStore(), { now: () => now });
  await store.write('/a', bytesSource('12345'));
  const { body } = await store.read('/a', { offset: 1 });
  now = 1500;
  await Array.fromAsync(body);
  now = 9000;
  const statistics = store.statistics();
  assert.equal(statistics.since, 1000);
  assert.deepEqual(statistics.operations.read, { calls: 1, failures: 0, milliseconds: 500 });
  assert.deepEqual(statistics.operations.write, { calls: 1, failures: 0, milliseconds: 0 });
  assert.equal(statistics.bytesRead, 4);
  assert.equal(statistics.bytesWritten, 5);
  assert.equal(statistics.readRate, 8);
  assert.equal(statistics.writeRate, 0);
});

test('a rate is over the union of overlapping transfers', async () => {
  let now = 0;
  const store = withStatistics(new MemoryStore(), { now: () => now });
  await store.write('/a', bytesSource(new Uint8Array(100)));
  const first = await store.read('/a');
  now = 50;
  const second = await store.read('/a');
  now = 100;
  await Array.fromAsync(first.body);
  now = 200;
  await Array.fromAsync(second.body);
  assert.equal(store.statistics().readRate, (200 * 1000) / 200);
});

test('a failed transfer counts as a failure by code, and neither in bytes nor in time', async () => {
  let now = 0;
  const faulty = withFaults(new MemoryStore(), { seed: 1 });
  const store = withStatistics(faulty, { now: () => now });
  await store.write('/a', bytesSource(new Uint8Array(1000)));
  faulty.faults.shortReadRate = 1;
  faulty.faults.lostAnswerRate = 1;
  const { body } = await store.read('/a');
  now = 77;
  await assert.rejects(Array.fromAsync(body), { code: 'Unavailable' });
  await assert.rejects(store.write('/a', bytesSource('x')), { code: 'Unavailable' });
  const { operations, bytesRead, bytesWritten, readRate, failures } = store.statistics();
  assert.deepEqual(operations.read, { calls: 1, failures: 1, milliseconds: 77 });
  assert.deepEqual([bytesRead, bytesWritten, readRate], [0, 1000, 0]);
  assert.equal(failures.Unavailable?.count, 2);
  assert.deepEqual({ ...failures.Unavailable.last, message: '' }, { at: 77, path: '/a', message: '' });
  assert.match(failures.Unavailable.last.message, /answer was lost/);
});

test('an abort is no failure', async () => {
  const faulty = withFaults(new MemoryStore(), { seed: 1 });
  const store = withStatistics(faulty);
  faulty.faults.pause();
  const abort = new AbortController();
  const call = store.write('/a', bytesSource('x'), { signal: abort.signal });
  await faulty.faults.held();
  const reason = new StoreError('Unavailable', { message: 'even with such a reason' });
  abort.abort(reason);
  await assert.rejects(call, (error) => error === reason);
  const { operations, failures, bytesWritten } = store.statistics();
  assert.deepEqual([operations.write.calls, operations.write.failures, bytesWritten], [1, 0, 0]);
  assert.deepEqual(failures, {});
});

test('a read that its caller leaves early counts with what was delivered', async () => {
  const store = withStatistics(new MemoryStore());
  await store.write('/a', bytesSource(new Uint8Array(1 << 20)));
  let delivered = 0;
  for await (const chunk of (await store.read('/a')).body) {
    delivered = chunk.length;
    break;
  }
  assert.ok(delivered > 0 && delivered < 1 << 20);
  assert.equal(store.statistics().bytesRead, delivered);
});

test('a listing lasts until it has ended', async () => {
  let now = 0;
  const store = withStatistics(new MemoryStore(), { now: () => now });
  await store.write('/a', bytesSource('1'));
  await store.write('/b', bytesSource('2'));
  for await (const _entry of store.list('/')) now += 10;
  assert.deepEqual(store.statistics().operations.list, { calls: 1, failures: 0, milliseconds: 20 });
});

test('errors that are no StoreError count as failures of the call only', async () => {
  const store = withStatistics(new MemoryStore());
  await assert.rejects(store.read('/a', { offset: -1 }), RangeError);
  assert.equal(store.statistics().operations.read.failures, 1);
  assert.deepEqual(store.statistics().failures, {});
});

test('a snapshot is frozen plain JSON that does not change afterwards', async () => {
  const store = withStatistics(new MemoryStore());
  await assert.rejects(store.stat('/missing'), { code: 'NotFound' });
  const before = store.statistics();
  const json = JSON.stringify(before);
  await assert.rejects(readBytes(store, '/missing'), { code: 'NotFound' });
  assert.equal(JSON.stringify(before), json);
  assert.deepEqual(JSON.parse(json), before);
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before.operations.stat));
  assert.ok(Object.isFrozen(before.failures.NotFound?.last));
});
