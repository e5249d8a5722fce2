import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { type Around, type Call, intercept } from './intercept.ts';
import { readText } from './operations.ts';
import { bytesSource } from './source.ts';
import type { Store } from './store.ts';

testStore('watched(memory)', {
  runner: { describe, it },
  open: () => intercept(new MemoryStore(), 'watched', (_call, proceed) => proceed()),
});

function recorded(inner: Store = new MemoryStore()): { store: Store; events: string[] } {
  const events: string[] = [];
  const around: Around = async (call, proceed) => {
    events.push(`${call.operation} ${call.path ?? ''}`.trim());
    try {
      await proceed();
      events.push(`${call.operation} ended`);
    } catch (error) {
      events.push(`${call.operation} failed: ${String(error)}`);
      throw error;
    }
  };
  return { store: intercept(inner, 'recorded', around), events };
}

test('every method is one call, with its arguments', async () => {
  const calls: Call[] = [];
  const store = intercept(new MemoryStore(), 'outer', (call, proceed) => {
    calls.push(call);
    return proceed();
  });
  const source = bytesSource('x');
  await store.write('/a', source, { ifRevision: null });
  await store.setMetadata('/a', { mode: '100600' });
  await store.stat('/a');
  await readText(store, '/a', { offset: 0 });
  await store.copy('/a', '/b');
  await store.move('/b', '/c');
  await store.makeDirectory('/d');
  await Array.fromAsync(store.list('/', { recursive: true }));
  await store.delete('/d', { recursive: true });
  await store.usage();
  await store.close();
  assert.deepEqual(calls, [
    { operation: 'write', path: '/a', source, options: { ifRevision: null } },
    { operation: 'setMetadata', path: '/a', metadata: { mode: '100600' }, options: {} },
    { operation: 'stat', path: '/a', options: {} },
    { operation: 'read', path: '/a', options: { offset: 0 } },
    { operation: 'copy', path: '/a', to: '/b', options: {} },
    { operation: 'move', path: '/b', to: '/c', options: {} },
    { operation: 'makeDirectory', path: '/d', options: {} },
    { operation: 'list', path: '/', options: { recursive: true } },
    { operation: 'delete', path: '/d', options: { recursive: true } },
    { operation: 'usage', path: undefined, options: {} },
    { operation: 'close', path: undefined, options: {} },
  ]);
});

test('the name nests, and the capabilities are those of the store', () => {
  const memory = new MemoryStore();
  const store = intercept(
    intercept(memory, 'inner', (_call, proceed) => proceed()),
    'outer',
    (_call, proceed) => proceed(),
  );
  assert.equal(store.name, 'outer(inner(memory))');
  assert.equal(store.capabilities, memory.capabilities);
});

test('a read lasts until its body has been consumed', async () => {
  const { store, events } = recorded();
  await store.write('/a', bytesSource('hello'));
  events.length = 0;
  const { body } = await store.read('/a');
  assert.deepEqual(events, ['read /a']);
  await Array.fromAsync(body);
  assert.deepEqual(events, ['read /a', 'read ended']);
});

test('a read that is left ends, also before its first byte', async () => {
  const { store, events } = recorded();
  await store.write('/a', bytesSource(new Uint8Array(1 << 20)));
  events.length = 0;
  for await (const _chunk of (await store.read('/a')).body) break;
  await (await store.read('/a')).body[Symbol.asyncIterator]().return?.();
  assert.deepEqual(events, ['read /a', 'read ended', 'read /a', 'read ended']);
});

test('a read that nobody consumes ends when its signal aborts', { timeout: 10_000 }, async () => {
  const { store, events } = recorded();
  await store.write('/a', bytesSource('hello'));
  events.length = 0;
  const abort = new AbortController();
  const { body } = await store.read('/a', { signal: abort.signal });
  const reason = new Error('enough');
  abort.abort(reason);
  await assert.rejects(Array.fromAsync(body), (error) => error === reason);
  assert.deepEqual(events, ['read /a', 'read failed: Error: enough']);
});

test('a listing lasts from its first entry until it has ended or is left', async () => {
  const { store, events } = recorded();
  await store.write('/a', bytesSource(''));
  await store.write('/b', bytesSource(''));
  events.length = 0;
  const listing = store.list('/')[Symbol.asyncIterator]();
  assert.deepEqual(events, []);
  await listing.next();
  assert.deepEqual(events, ['list /']);
  await listing.return?.();
  assert.deepEqual(events, ['list /', 'list ended']);
});

test('a failure while bytes or entries flow is the failure of the call', async () => {
  const inner = new MemoryStore();
  const { store, events } = recorded(
    intercept(inner, 'broken', async (call, proceed) => {
      await proceed();
      if (call.operation === 'list' || call.operation === 'read') throw new Error('torn');
    }),
  );
  await inner.write('/a', bytesSource('hello'));
  const { body } = await store.read('/a');
  await assert.rejects(Array.fromAsync(body), /torn/);
  await assert.rejects(Array.fromAsync(store.list('/')), /torn/);
  assert.deepEqual(events, ['read /a', 'read failed: Error: torn', 'list /', 'list failed: Error: torn']);
});

test('leaving a read that has failed is no second failure', async () => {
  const inner = new MemoryStore();
  await inner.write('/a', bytesSource('hello'));
  const store = intercept(inner, 'broken', async (_call, proceed) => {
    await proceed();
    throw new Error('torn');
  });
  const body = (await store.read('/a')).body[Symbol.asyncIterator]();
  await body.next();
  await assert.rejects(async () => body.next(), /torn/);
  assert.deepEqual(await body.return?.(), { done: true, value: undefined });
  assert.deepEqual(await body.next(), { done: true, value: undefined });
});

test('a read hands on what `through` makes of the body', async () => {
  const memory = new MemoryStore();
  await memory.write('/a', bytesSource('hello'));
  const store = intercept(memory, 'short', (_call, proceed) =>
    proceed(async function* ({ entry, body }) {
      for await (const chunk of body) yield chunk.subarray(0, entry.size - 2);
    }),
  );
  assert.equal(await readText(store, '/a'), 'hel');
});

test('code around a call may fail it, but not turn its failure into a success', async () => {
  const refusing = intercept(new MemoryStore(), 'refusing', async () => {
    throw new Error('refused');
  });
  await assert.rejects(refusing.usage(), /refused/);
  await assert.rejects(refusing.read('/a'), /refused/);
  await assert.rejects(Array.fromAsync(refusing.list('/')), /refused/);

  const hiding = intercept(new MemoryStore(), 'hiding', (_call, proceed) => proceed().catch(() => {}));
  await assert.rejects(hiding.stat('/a'), { code: 'NotFound' });
  await assert.rejects(hiding.read('/a'), { code: 'NotFound' });
  await assert.rejects(Array.fromAsync(hiding.list('/a')), { code: 'NotFound' });
});

test('code that forgets the call is told so', async () => {
  const forgetful = intercept(new MemoryStore(), 'forgetful', async () => {});
  await assert.rejects(forgetful.stat('/'), TypeError);
  await assert.rejects(forgetful.read('/a'), TypeError);
  await assert.rejects(Array.fromAsync(forgetful.list('/')), TypeError);
});
