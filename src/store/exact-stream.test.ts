import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStoreError } from './errors.ts';
import { assertSource, exactStream } from './exact-stream.ts';
import type { Source } from './store.ts';

const source = (size: number, ...chunks: string[]): Source => ({
  size,
  slice: () => assert.fail('not sliced'),
  async *stream() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  },
});

describe('exactStream', () => {
  it('passes exactly the size, without empty chunks', async () => {
    const chunks = await Array.fromAsync(exactStream(source(4, 'ab', '', 'cd')));
    assert.deepEqual(chunks.map(String), ['ab', 'cd']);
    assert.deepEqual(await Array.fromAsync(exactStream(source(0))), []);
  });

  it('is Corrupt for every other size, and tells the call', async () => {
    const call = { operation: 'write', path: '/a', store: 'test' };
    for (const wrong of [source(3, 'ab'), source(1, 'ab'), source(0, 'a'), source(1)]) {
      await assert.rejects(Array.fromAsync(exactStream(wrong, call)), (error) => {
        assert.ok(isStoreError(error, 'Corrupt'));
        assert.deepEqual([error.operation, error.path, error.store], ['write', '/a', 'test']);
        return true;
      });
    }
  });

  it('does not pass the surplus on', async () => {
    const passed: string[] = [];
    await assert.rejects(async () => {
      for await (const chunk of exactStream(source(2, 'ab', 'c'))) passed.push(String(chunk));
    });
    assert.deepEqual(passed, ['ab']);
  });
});

describe('assertSource', () => {
  it('refuses what is no size', () => {
    for (const size of [-1, 0.5, Number.NaN, Infinity]) assert.throws(() => assertSource(source(size)), TypeError);
    assertSource(source(0));
  });
});
