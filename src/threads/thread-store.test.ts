import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { openThreadedStore } from '../../test/fakes/open-threaded-store.ts';
import type { UnrulyStore } from '../../test/fakes/unruly-store.ts';
import { isStoreError, type StoreError } from '../store/errors.ts';
import { exists, readText, writeBytes } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import type { Source } from '../store/store.ts';
import type { ThreadStore } from './thread-store.ts';

/** How a promise fails. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
}

/** A source that begins well, and then throws. */
function failingSource(size: number, error: unknown): Source {
  return {
    size,
    slice: () => failingSource(size, error),
    async *stream() {
      yield new Uint8Array(1);
      throw error;
    },
  };
}

describe('a store in a thread', { timeout: 60_000 }, () => {
  let store: ThreadStore;
  before(async () => {
    store = await openThreadedStore({ kind: 'unruly' });
  });
  after(() => store.close());

  const done = async (): Promise<UnrulyStore['done']> => (await store.figures()) as UnrulyStore['done'];

  /** Waits until nothing is produced any more. */
  async function settled(count: 'chunks' | 'entries'): Promise<number> {
    for (let last = -1; ; ) {
      const now = (await done())[count];
      if (now === last) return now;
      last = now;
      for (let i = 0; i < 20; i++) await nextTurn();
    }
  }

  it('tells a StoreError with all that it says, and its causes', async () => {
    const error = (await failureOf(store.stat('/throws/store-error'))) as StoreError;
    assert.ok(isStoreError(error, 'RateLimited'));
    const { operation, path, store: name, retryable, retryAfter, detail, message } = error;
    assert.deepEqual(
      { operation, path, name, retryable, retryAfter, detail, message },
      {
        operation: 'stat',
        path: '/throws/store-error',
        name: 'inner',
        retryable: true,
        retryAfter: 1234,
        detail: 'too many',
        message: 'inner stat /throws/store-error: RateLimited: too many',
      },
    );
    const cause = error.cause as NodeJS.ErrnoException;
    assert.deepEqual([cause.message, cause.code, cause.cause], ['why', 'ETIMEDOUT', 'deeper']);
    assert.match(error.stack ?? '', /unruly-store/);
  });

  it('tells other errors with their kind and plain details, and whatever else is thrown', async () => {
    const error = (await failureOf(store.stat('/throws/error'))) as NodeJS.ErrnoException;
    assert.ok(error instanceof RangeError);
    assert.deepEqual([error.name, error.message, error.code, 'self' in error], ['RangeError', 'odd', 'EODD', false]);
    assert.equal(await failureOf(store.stat('/throws/value')), 'only a text');
  });

  it('hands on what a source throws, the same value, also as the cause of another error', async () => {
    for (const thrown of [new Error('mine'), 'any value', undefined])
      assert.equal(await failureOf(store.write('/file', failingSource(10, thrown))), thrown);
    const stop = new AbortController();
    const reason = { any: 'reason' };
    const wrapped = failureOf(store.stat('/wraps', { signal: stop.signal }));
    stop.abort(reason);
    const error = (await wrapped) as StoreError;
    assert.ok(isStoreError(error, 'Unavailable'));
    assert.equal(error.cause, reason);
  });

  it('refuses an option that cannot be sent as misuse', async () => {
    const odd = { ifRevision: (() => '') as unknown as string };
    assert.ok((await failureOf(store.delete('/file', odd))) instanceof TypeError);
    await writeBytes(store, '/after', 'works');
  });

  it('saves the state of an upload in order, and before the call returns', async () => {
    const saved: (string | undefined)[] = [];
    const resume = { saved: 'last', obsolete: 'older', save: (state: string | undefined) => void saved.push(state) };
    await store.write('/saves', bytesSource('text'), { resume });
    assert.deepEqual(saved, [...[0, 1, 2, 3, 4].map((i) => `last older ${i}`), undefined]);
  });

  it('fails with what the keeper of that state throws', async () => {
    const error = new Error('the disk is broken');
    const save = (): never => {
      throw error;
    };
    assert.equal(await failureOf(store.write('/saves', bytesSource('text'), { resume: { save } })), error);
  });

  it('reads a source in parts, each as often as the store asks', async () => {
    await store.write('/halves', bytesSource('abcdef'));
    assert.equal(await exists(store, '/halves-defabcc'), true);
    const large = new Uint8Array(3_000_000).map((_, i) => i * 7);
    await store.write('/peeks', bytesSource(large));
    assert.equal((await done()).streams, 1);
  });

  it('tells capabilities that are known after a call only', async () => {
    assert.equal(store.capabilities.refusedNames, null);
    await store.stat('/learns');
    assert.deepEqual(store.capabilities.refusedNames, /^aux$/i);
  });

  it('sends no more of a body than its reader can soon take, and stops when he leaves', async () => {
    const { left, chunks } = await done();
    const { body } = await store.read('/large');
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    const some = (await settled('chunks')) - chunks;
    assert.ok(some > 1 && some < 40, `${some} chunks of 100 kB`);
    await reader.return?.();
    assert.equal((await done()).left, left + 1);
    const unread = await store.read('/large');
    await unread.body[Symbol.asyncIterator]().return?.();
    assert.equal((await done()).left, left + 2);
  });

  it('sends no more entries than are soon taken, and stops when the reader leaves', async () => {
    const { left, entries } = await done();
    let taken = 0;
    for await (const _ of store.list('/')) if (++taken === 3000) break;
    const made = (await settled('entries')) - entries;
    assert.ok(made >= 3000 && made < 3000 + 6 * 256, `${made} entries`);
    assert.equal((await done()).left, left + 1);
  });

  it('delivers the bytes before a failure, and bytes that are here while more are awaited', async () => {
    const cut = await store.read('/cut');
    let bytes = 0;
    const failure = await failureOf(
      (async () => {
        for await (const chunk of cut.body) bytes += chunk.length;
      })(),
    );
    assert.ok(isStoreError(failure, 'Corrupt'));
    assert.equal(bytes, 30);
    const stop = new AbortController();
    const { body } = await store.read('/stops', { signal: stop.signal });
    const reason = new Error('enough');
    bytes = 0;
    const aborted = await failureOf(
      (async () => {
        for await (const chunk of body) if ((bytes += chunk.length) === 30) stop.abort(reason);
      })(),
    );
    assert.equal(aborted, reason);
  });

  it('gives what it is told to keep', async () => {
    await writeBytes(store, '/text', 'text');
    const entry = await store.setMetadata('/text', { mode: '100600' });
    assert.deepEqual(entry.metadata, { mode: '100600' });
  });
});

describe('the thread of a store', { timeout: 60_000 }, () => {
  it('tells why the store could not be opened', async () => {
    const error = await failureOf(openThreadedStore({ kind: 'refused' }));
    assert.ok(isStoreError(error, 'Unauthenticated'));
    assert.equal(error.message, 'inner: Unauthenticated: who are you');
  });

  for (const [path, why] of [
    ['/exits', /exit status 3/],
    ['/crashes', /nobody catches this/],
  ] as const) {
    it(`may die (${path}): what is under way is Unavailable, and the next call starts another`, async () => {
      await using stack = new AsyncDisposableStack();
      const store = await openThreadedStore({ kind: 'unruly' });
      stack.defer(() => store.close());
      const { body } = await store.read('/stops');
      const calls = [
        store.stat(path),
        store.stat('/wraps'),
        Array.fromAsync(store.list('/')),
        Array.fromAsync(body),
        store.write('/file', failingSource(1 << 30, new Error('not reached'))).catch((error: unknown) => {
          if (isStoreError(error)) throw error;
        }),
      ];
      for (const error of await Promise.all(calls.slice(0, 4).map(failureOf))) {
        assert.ok(isStoreError(error, 'Unavailable'), String(error));
        assert.match(error.message, why);
      }
      await Promise.allSettled(calls);
      assert.equal(await store.figures(), undefined);
      await writeBytes(store, '/again', 'works');
      assert.equal((await store.stat('/again')).kind, 'file');
    });
  }

  it('ends with close, which may be called twice, and afterwards there is none', async () => {
    const store = await openThreadedStore({ kind: 'memory' });
    const reading = failureOf(new Promise((resolve, reject) => void readText(store, '/none').then(resolve, reject)));
    assert.ok(isStoreError(await reading, 'NotFound'));
    await Promise.all([store.close(), store.close()]);
    assert.ok(isStoreError(await failureOf(store.stat('/')), 'Unavailable'));
  });
});
