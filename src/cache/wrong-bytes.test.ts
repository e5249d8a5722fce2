/** A store that compares what came with the sum that its service keeps finds wrong bytes late: none of them may stay. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { assertSameBytes, CacheTrial, readFrom } from '../../test/fakes/cache-trial.ts';
import { SyntheticStore } from '../../test/fakes/synthetic-store.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import type { Download, ReadOptions } from '../store/store.ts';

const limit = { timeout: 30_000 };
const kibibyte = 1 << 10;

/** A file of which whole downloads are checked, as at S3 and Google Cloud Storage; some of them come damaged. */
class DamagedStore extends SyntheticStore {
  /** So many whole downloads are damaged. */
  damaged = 0;
  /** How late it is noticed: before the last piece is handed on, or behind it. */
  readonly #notices: 'before' | 'behind';

  constructor(size: number, notices: 'before' | 'behind') {
    super(size);
    this.#notices = notices;
  }

  override async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const download = await super.read(path, options);
    const isWhole = options.offset === undefined && options.length === undefined;
    if (!isWhole || this.damaged === 0) return download;
    this.damaged--;
    return { entry: download.entry, body: this.#damage(download.body) };
  }

  async *#damage(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let last: Uint8Array | undefined;
    for await (const chunk of body) {
      if (last !== undefined) yield last;
      last = new Uint8Array(chunk);
      if (last[7] !== undefined) last[7] ^= 1;
    }
    if (this.#notices === 'behind' && last !== undefined) yield last;
    throw new StoreError('Corrupt', { operation: 'read', path: '/big', message: 'not what was stored' });
  }
}

async function trialOf(
  t: TestContext,
  notices: 'before' | 'behind',
  size = 500 * kibibyte,
): Promise<{ store: DamagedStore; trial: CacheTrial }> {
  const store = new DamagedStore(size, notices);
  return { store, trial: new CacheTrial(t, { store }) };
}

async function assertRight(trial: CacheTrial, store: SyntheticStore): Promise<void> {
  const file = await trial.open('/big');
  assertSameBytes(await readFrom(file, 0, store.size), SyntheticStore.bytes(0, store.size));
  file.release();
}

for (const notices of ['before', 'behind'] as const)
  describe(`wrong bytes that are noticed ${notices} the last of them`, () => {
    it('are fetched again, and the reader has the right ones', limit, async (t) => {
      const { store, trial } = await trialOf(t, notices);
      store.damaged = 1;
      await assertRight(trial, store);
      assert.equal(store.damaged, 0);
      await assertRight(trial, store);
    });

    it('are Corrupt when they stay wrong, and none is kept', limit, async (t) => {
      const { store, trial } = await trialOf(t, notices);
      store.damaged = Infinity;
      const file = await trial.open('/big');
      for (let i = 0; i < 2; i++)
        await assert.rejects(readFrom(file, 0, 4096), (error) => isStoreError(error, 'Corrupt'));
      assert.equal(trial.cache.statistics().cachedBytes, 0);
      file.release();
      await trial.reopen();
      store.damaged = 0;
      await assertRight(trial, store);
    });

    it('do not take away what was written here meanwhile', limit, async (t) => {
      const { store, trial } = await trialOf(t, notices);
      store.damaged = 1;
      const file = await trial.open('/big', true);
      trial.faults.pause(({ operation }) => operation === 'read');
      const reading = readFrom(file, 0, 4096);
      await trial.faults.held();
      await file.write(100 * kibibyte, Buffer.from('ours'));
      trial.faults.resume();
      await reading;
      assert.equal(store.damaged, 0);
      const expected = Buffer.from(SyntheticStore.bytes(0, store.size));
      expected.set(Buffer.from('ours'), 100 * kibibyte);
      assertSameBytes(await readFrom(file, 0, store.size), expected);
      file.release();
    });
  });
