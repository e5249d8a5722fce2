import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { readText } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import { withFaults } from './faults.ts';
import { withPrefix } from './prefix.ts';

testStore('prefix(memory)', {
  runner: { describe, it },
  open: () => withPrefix(new MemoryStore({ changes: 'wait' }), '/deep/down'),
});
testStore('prefix(memory) at the root', {
  runner: { describe, it },
  open: () => withPrefix(new MemoryStore({ changes: 'poll' }), '/'),
});

test('paths are relative to the directory, both ways', async () => {
  const memory = new MemoryStore();
  const store = withPrefix(memory, '/p');
  assert.equal((await store.write('/a/b', bytesSource('x'))).path, '/a/b');
  assert.equal((await memory.stat('/p/a/b')).path, '/p/a/b');
  assert.equal((await store.stat('/a/b')).path, '/a/b');
  assert.equal((await store.stat('/')).path, '/');
  assert.equal((await store.read('/a/b')).entry.path, '/a/b');
  const listed = await Array.fromAsync(store.list('/', { recursive: true }));
  assert.deepEqual(
    listed.map(({ path }) => path),
    ['/a', '/a/b'],
  );
  await store.copy('/a', '/c');
  await store.move('/c/b', '/d');
  assert.equal(await readText(memory, '/p/d'), 'x');
});

test('siblings whose names begin alike are not seen', async () => {
  const memory = new MemoryStore();
  await memory.write('/p2/secret', bytesSource('x'));
  await memory.write('/p/known', bytesSource('y'));
  const store = withPrefix(memory, '/p');
  assert.equal((await Array.fromAsync(store.list('/', { recursive: true }))).length, 1);
  await assert.rejects(store.stat('/../p2/secret'), { code: 'InvalidPath', path: '/../p2/secret' });
  await assert.rejects(store.stat('2/secret'), { code: 'InvalidPath' });
});

test('a missing directory is an empty root, made by the first write', async () => {
  const memory = new MemoryStore();
  const store = withPrefix(memory, '/p/q');
  assert.deepEqual(await store.stat('/'), { kind: 'directory', path: '/' });
  assert.deepEqual(await Array.fromAsync(store.list('/')), []);
  await assert.rejects(Array.fromAsync(store.list('/a')), { code: 'NotFound', path: '/a' });
  await store.delete('/a');
  await assert.rejects(memory.stat('/p'), { code: 'NotFound' });
  await store.write('/a', bytesSource(''));
  assert.equal((await memory.stat('/p/q')).kind, 'directory');
});

test('the root stays a root while the directory is missing', async () => {
  const memory = new MemoryStore();
  const store = withPrefix(memory, '/p');
  await assert.rejects(store.write('/', bytesSource('')), { code: 'IsADirectory', path: '/' });
  await assert.rejects(store.read('/'), { code: 'IsADirectory' });
  await assert.rejects(store.delete('/', { recursive: true }), { code: 'InvalidPath' });
  await assert.rejects(store.move('/', '/a'), { code: 'InvalidPath' });
  await store.copy('/', '/');
  assert.deepEqual(await Array.fromAsync(memory.list('/')), []);
});

test('the directory is never deleted through its root', async () => {
  const memory = new MemoryStore();
  await memory.write('/p/a', bytesSource('x'));
  await assert.rejects(withPrefix(memory, '/p').delete('/', { recursive: true }), { code: 'InvalidPath', path: '/' });
  assert.equal(await readText(memory, '/p/a'), 'x');
});

test('a file in place of the directory is NotADirectory', async () => {
  const memory = new MemoryStore();
  await memory.write('/p', bytesSource('a file'));
  const store = withPrefix(memory, '/p');
  await assert.rejects(store.stat('/'), { code: 'NotADirectory', path: '/' });
  await assert.rejects(Array.fromAsync(store.list('/')), { code: 'NotADirectory', path: '/' });
  await assert.rejects(store.write('/a', bytesSource('')), { code: 'NotADirectory', path: '/a' });
});

test('errors keep code, waiting time and sentence, and speak of the outer path', async () => {
  const faulty = withFaults(new MemoryStore(), {
    seed: 1,
    fail: ({ operation, path }) =>
      new StoreError('RateLimited', { operation, path, store: 'service', retryAfter: 7, message: 'slow: down' }),
  });
  const store = withPrefix(faulty, '/p');
  const error = await store.stat('/a').catch((error: unknown) => error);
  assert.ok(isStoreError(error, 'RateLimited'));
  assert.deepEqual([error.path, error.retryAfter, error.operation], ['/a', 7, 'stat']);
  assert.equal(error.message, 'prefix(faults(memory)) stat /a: RateLimited: slow: down');
  assert.ok(isStoreError(error.cause, 'RateLimited') && error.cause.path === '/p/a');
});

test('errors in the midst of a body are translated too', async () => {
  const faulty = withFaults(new MemoryStore(), { seed: 1, shortReadRate: 1 });
  const store = withPrefix(faulty, '/p');
  await store.write('/a', bytesSource(new Uint8Array(1000)));
  const { body } = await store.read('/a');
  await assert.rejects(Array.fromAsync(body), { code: 'Unavailable', path: '/a', store: 'prefix(faults(memory))' });
});

test('a listing that fails after its first entry is not taken for an empty one', async () => {
  const memory = new MemoryStore();
  await memory.write('/p/a', bytesSource(''));
  await memory.write('/p/b', bytesSource(''));
  const vanishing = withFaults(memory, { seed: 1 });
  const store = withPrefix(vanishing, '/p');
  vanishing.faults.offline = false;
  const listing = store.list('/')[Symbol.asyncIterator]();
  await listing.next();
  vanishing.faults.offline = true;
  await assert.rejects(
    async () => {
      while ((await listing.next()).done !== true);
    },
    { code: 'Unavailable' },
  );
});

test('an abort reason passes untouched, even if it is a StoreError', async () => {
  const reason = new StoreError('Conflict', { path: '/p/x' });
  const signal = AbortSignal.abort(reason);
  await assert.rejects(withPrefix(new MemoryStore(), '/p').stat('/a', { signal }), (error) => error === reason);
});

test('the directory must be canonical', () => {
  assert.throws(() => withPrefix(new MemoryStore(), 'p/'), { code: 'InvalidPath' });
});
