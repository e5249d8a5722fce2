import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import type { FileEntry, Source, WriteOptions } from '../store/store.ts';

const limit = { timeout: 30_000 };
const mebibyte = 1 << 20;

/** A store that takes its time with the bytes of a file, and knows which uploads were begun, ended and given up. */
class SlowStore extends MemoryStore {
  begun = 0;
  given = 0;
  /** Milliseconds for each chunk. */
  pause = 5;

  override async write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry> {
    this.begun++;
    try {
      return await super.write(
        path,
        slowed(source, () => this.pause),
        options,
      );
    } catch (error) {
      this.given++;
      throw error;
    }
  }
}

function slowed(source: Source, pause: () => number): Source {
  return {
    size: source.size,
    slice: (start, end) => slowed(source.slice(start, end), pause),
    async *stream() {
      for await (const chunk of source.stream()) {
        await sleep(pause());
        yield chunk;
      }
    },
  };
}

function block(text: string, mebibytes: number): Buffer {
  return Buffer.alloc(mebibytes * mebibyte, text);
}

describe('a large file that changes while it is sent', () => {
  it('is given up, and only the new version is ever seen', limit, async (t) => {
    const store = new SlowStore();
    const trial = new CacheTrial(t, { store });
    await trial.save('/f', block('first ', 20));
    const drained = trial.cache.drain();
    await until(() => store.begun === 1);
    const file = await trial.open('/f', true);
    await file.write(0, Buffer.from('SECOND'));
    await until(() => store.given === 1);
    assert.deepEqual(await contentsOf(store), {});
    await file.flush();
    file.release();
    await drained;
    const expected = block('first ', 20);
    expected.set(Buffer.from('SECOND'));
    assert.ok(expected.equals(await readBytes(store, '/f')));
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('is given up when it is deleted, and nothing is left', limit, async (t) => {
    const store = new SlowStore();
    const trial = new CacheTrial(t, { store });
    await trial.save('/f', block('first ', 20));
    const drained = trial.cache.drain();
    await until(() => store.begun === 1);
    await trial.remove('/f');
    await until(() => store.given === 1);
    await drained;
    assert.deepEqual(trial.cache.pending(), []);
    assert.deepEqual(await contentsOf(store), {});
    assert.deepEqual(trial.sent(), ['write /f']);
    assert.equal(trial.cache.statistics().cachedBytes, 0);
  });

  it('never shows a torn version, however often it is written', limit, async (t) => {
    const store = new SlowStore();
    store.pause = 1;
    const trial = new CacheTrial(t, { store, uploadDelay: 0 });
    const size = 3 * mebibyte;
    await trial.save('/f', Buffer.alloc(size, 0));
    const file = await trial.open('/f', true);
    const torn: number[] = [];
    for (let round = 1; round <= 15; round++) {
      for (let at = 0; at < size; at += mebibyte) await file.write(at, Buffer.alloc(mebibyte, round));
      await sleep(round % 4 === 0 ? 40 : 5);
      const seen = await readBytes(store, '/f').catch(() => new Uint8Array(0));
      if (seen.some((byte) => byte !== seen[0])) torn.push(round);
    }
    await file.flush();
    file.release();
    await trial.cache.drain();
    assert.deepEqual(torn, []);
    assert.ok(Buffer.alloc(size, 15).equals(await readBytes(store, '/f')));
    assert.deepEqual(trial.cache.problems(), []);
  });
});

describe('a small file that changes while it is sent', () => {
  it('is sent to its end, and then again', limit, async (t) => {
    const store = new SlowStore();
    store.pause = 100;
    const trial = new CacheTrial(t, { store });
    await trial.save('/f', 'first');
    const drained = trial.cache.drain();
    await until(() => store.begun === 1);
    await trial.save('/f', 'second');
    await drained;
    await trial.cache.drain();
    assert.equal(store.given, 0);
    assert.deepEqual(trial.sent(), ['write /f', 'write /f']);
    assert.deepEqual(await contentsOf(store), { '/f': 'second' });
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('is deleted afterwards when it was deleted', limit, async (t) => {
    const store = new SlowStore();
    store.pause = 100;
    const trial = new CacheTrial(t, { store });
    await trial.save('/f', 'first');
    const drained = trial.cache.drain();
    await until(() => store.begun === 1);
    await trial.remove('/f');
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(store), {});
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('deleted and made again, it is one file and no conflict', limit, async (t) => {
    const store = new SlowStore();
    store.pause = 50;
    const trial = new CacheTrial(t, { store, uploadDelay: 0 });
    for (let round = 0; round < 10; round++) {
      await trial.save('/f', `round ${round}`);
      await sleep(round * 10);
      if (round < 9) await trial.remove('/f');
    }
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(store), { '/f': 'round 9' });
    assert.deepEqual(trial.cache.problems(), []);
  });
});

describe('a file that is renamed while it is sent', () => {
  for (const [size, what] of [
    [100, 'small'],
    [5 * mebibyte, 'large'],
  ] as const) {
    it(`arrives under its new name only (${what})`, limit, async (t) => {
      const store = new SlowStore();
      store.pause = 40;
      const trial = new CacheTrial(t, { store });
      await trial.save('/f', Buffer.alloc(size, 'x'));
      const drained = trial.cache.drain();
      await until(() => store.begun === 1);
      await trial.rename('/f', '/g');
      await trial.save('/f', 'another');
      await drained;
      await trial.cache.drain();
      assert.deepEqual(await contentsOf(store), { '/f': 'another', '/g': 'x'.repeat(size) });
      assert.deepEqual(trial.cache.problems(), []);
    });
  }

  it('over another one that is sent at the same time', limit, async (t) => {
    const store = new SlowStore();
    store.pause = 50;
    await writeBytes(store, '/f', 'old');
    const trial = new CacheTrial(t, { store });
    await trial.text('/f');
    await trial.save('/f', 'first');
    await trial.save('/g', 'second');
    const drained = trial.cache.drain();
    await until(() => store.begun === 3);
    await trial.rename('/g', '/f');
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(store), { '/f': 'second' });
    assert.deepEqual(trial.cache.problems(), []);
  });
});

describe('drain', () => {
  it('waits for a file that is changed again while it is sent', limit, async (t) => {
    const store = new SlowStore();
    const trial = new CacheTrial(t, { store });
    await trial.save('/f', block('first ', 20));
    const drained = trial.cache.drain();
    await until(() => store.begun === 1);
    const file = await trial.open('/f', true);
    await file.write(0, Buffer.from('SECOND'));
    await drained;
    assert.equal((await readBytes(store, '/f', { length: 6 })).length, 6);
    file.release();
  });

  it('ends with the reason of its signal, and the sending goes on', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/f', 'x');
    trial.faults.pause();
    const abort = new AbortController();
    const drained = trial.cache.drain({ signal: abort.signal });
    await trial.faults.held();
    const reason = new Error('enough');
    abort.abort(reason);
    await assert.rejects(drained, (error) => error === reason);
    trial.faults.resume();
    await until(() => trial.cache.pending().length === 0);
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'x' });
  });
});
