import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import type { Call } from '../store/intercept.ts';
import { readText, writeBytes } from '../store/operations.ts';
import type { Download, Entry, Store } from '../store/store.ts';
import { isTimedOut } from '../store/timed-out.ts';
import { type Faults, withFaults } from './faults.ts';
import { withTimeLimit } from './time-limit.ts';

testStore('limit(memory)', { runner: { describe, it }, open: () => withTimeLimit(new MemoryStore(), 60_000) });

const limit = { timeout: 20_000 };

/** A store that can be made to hang, with a limit of 50 ms before it. */
async function hangingStore(t: TestContext): Promise<{ store: Store; faults: Faults; memory: Store }> {
  const memory = new MemoryStore();
  for (const name of ['a', 'b', 'c']) await writeBytes(memory, `/d/${name}`, name.repeat(1000));
  const faulty = withFaults(memory, { seed: 1 });
  t.after(() => faulty.faults.heal());
  return { store: withTimeLimit(faulty, 50), faults: faulty.faults, memory };
}

function isLate(error: unknown): boolean {
  return isStoreError(error, 'Unavailable') && isTimedOut(error) && /did not answer in 0\.05 s/.test(error.message);
}

const questions: Readonly<Record<string, (store: Store, signal?: AbortSignal) => Promise<unknown>>> = {
  stat: (store, signal) => store.stat('/d/a', { signal }),
  list: (store, signal) => Array.fromAsync(store.list('/d', { quick: true, signal })),
  read: (store, signal) => store.read('/d/a', { signal }),
  usage: (store, signal) => store.usage({ signal }),
};

describe('a time limit', () => {
  for (const [name, ask] of Object.entries(questions)) {
    it(`ends a ${name} that is not answered`, limit, async (t) => {
      const { store, faults } = await hangingStore(t);
      await ask(store);
      faults.pause();
      await assert.rejects(ask(store), isLate);
      faults.resume();
      await ask(store);
    });

    it(`hands on the abort of a ${name}`, limit, async (t) => {
      const { store, faults } = await hangingStore(t);
      faults.pause();
      const reason = new Error('enough');
      await assert.rejects(ask(store, AbortSignal.abort(reason)), (error) => error === reason);
      const stop = new AbortController();
      const asked = assert.rejects(ask(store, stop.signal), (error) => error === reason);
      stop.abort(reason);
      await asked;
    });
  }

  it('tells the store below that nobody waits any more', limit, async () => {
    let signal: AbortSignal | undefined;
    const memory = new MemoryStore();
    memory.stat = (_path, options) => {
      signal = options?.signal;
      return new Promise<Entry>(() => undefined);
    };
    await assert.rejects(withTimeLimit(memory, 20).stat('/a'), isTimedOut);
    assert.ok(signal?.aborted);
  });

  it('counts from the last entry and the last bytes, not from the beginning', limit, async () => {
    const memory = new MemoryStore();
    const names = Array.from({ length: 10 }, (_, index) => `/${index}`);
    for (const name of names) await writeBytes(memory, name, name);
    const [list, read] = [memory.list.bind(memory), memory.read.bind(memory)];
    memory.list = (path, options) => slowly(list(path, options), 60);
    memory.read = async (path, options): Promise<Download> => {
      const { entry, body } = await read(path, options);
      return { entry, body: slowly(inBytes(body), 60) };
    };
    const store = withTimeLimit(memory, 400);
    assert.equal((await Array.fromAsync(store.list('/', { quick: true }))).length, 10);
    await writeBytes(memory, '/long', 'ten bytes.');
    assert.equal(await readText(store, '/long'), 'ten bytes.');
  });

  it('ends an answer that stops half way', limit, async () => {
    const memory = new MemoryStore();
    for (const name of ['/1', '/2']) await writeBytes(memory, name, 'content');
    const [list, read] = [memory.list.bind(memory), memory.read.bind(memory)];
    memory.list = (path, options) => stopping(list(path, options));
    memory.read = async (path, options): Promise<Download> => {
      const { entry, body } = await read(path, options);
      return { entry, body: stopping(inBytes(body)) };
    };
    const store = withTimeLimit(memory, 50);
    await assert.rejects(Array.fromAsync(store.list('/', { quick: true })), isLate);
    await assert.rejects(readText(store, '/1'), isLate);
  });

  it('does not count how long its caller takes', limit, async (t) => {
    const { store } = await hangingStore(t);
    const found: string[] = [];
    for await (const { path } of store.list('/d', { quick: true })) {
      await sleep(80);
      found.push(path);
    }
    assert.equal(found.length, 3);
    const { body } = await store.read('/d/a');
    await sleep(80);
    for await (const _ of body) await sleep(80);
  });

  it('lets changes and thorough listings take their time', limit, async (t) => {
    const { store, faults, memory } = await hangingStore(t);
    faults.pause();
    const work = Promise.all([
      writeBytes(store, '/new', 'x'),
      store.delete('/d/a'),
      store.move('/d/b', '/d/moved'),
      Array.fromAsync(store.list('/d')),
    ]);
    await sleep(120);
    faults.resume();
    await work;
    assert.equal((await memory.stat('/d/moved')).kind, 'file');
  });

  it('hands on other failures', limit, async (t) => {
    const { store, faults } = await hangingStore(t);
    faults.fail = ({ operation, path }: Call) => new StoreError('PermissionDenied', { operation, path });
    for (const ask of Object.values(questions)) await assert.rejects(ask(store), { code: 'PermissionDenied' });
  });
});

async function* slowly<T>(parts: AsyncIterable<T>, milliseconds: number): AsyncGenerator<T> {
  for await (const part of parts) {
    await sleep(milliseconds);
    yield part;
  }
}

async function* stopping<T>(parts: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const part of parts) {
    yield part;
    await new Promise(() => undefined);
  }
}

async function* inBytes(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) for (const byte of chunk) yield Uint8Array.of(byte);
}
