import assert from 'node:assert/strict';
import { readBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { ByteRange, Source } from '../../store/store.ts';
import { expectStoreError } from '../expect.ts';
import { sampleBytes } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';

/** Largest file that the suite writes for these cases. */
const affordable = 64 << 20;
const breaks = 12;

/** Uploads that go on after a break, and changes that send only what changed. */
export const largeFileCases: readonly StoreCase[] = [
  {
    name: 'a large upload goes on where an earlier call ended',
    unless: ({ resumableFrom }) => tooLarge(resumableFrom * 6, 'no upload is resumed'),
    run: async (trial) => {
      const bytes = sampleBytes(trial.capabilities.resumableFrom * 6);
      let saved: string | undefined;
      const save = (state: string | undefined): void => void (saved = state);
      for (let attempt = 0; ; attempt++) {
        assert.ok(attempt < breaks, `nothing is gone on from: after ${breaks} breaks it still reads everything`);
        const source = new CountedSource(bytes, bytes.length * 0.8);
        try {
          const entry = await trial.settled(trial.store.write('/large', source, { resume: { saved, save } }));
          assert.equal(entry.size, bytes.length);
          assert.ok(attempt > 0 && source.delivered < bytes.length, 'nothing was gone on from');
          break;
        } catch (error) {
          if (error !== broken) throw error;
        }
      }
      assert.ok(sameBytes(await trial.bytes('/large'), bytes), 'the content is another');
      assert.equal(saved, undefined, 'nothing is left to go on from');
    },
  },
  {
    name: 'a state to go on from that fits nothing is as if there were none',
    run: async (trial) => {
      for (const saved of ['', 'nonsense', '{}', '{"upload":"none","key":"x"}']) {
        const size = Math.min(affordable, trial.capabilities.resumableFrom);
        const bytes = sampleBytes(trial.capabilities.resumableFrom <= affordable ? size : 1000);
        const resume = { saved, obsolete: saved, save: () => {} };
        await trial.settled(trial.store.write('/file', bytesSource(bytes), { resume }));
        assert.ok(sameBytes(await trial.bytes('/file'), bytes));
      }
    },
  },
  {
    name: 'of a large file that was changed in place, what is unchanged need not be sent',
    unless: ({ partialFrom }) => tooLarge(partialFrom * 4, 'all is sent always'),
    run: async (trial) => {
      const before = sampleBytes(trial.capabilities.partialFrom * 4);
      const { revision } = await trial.put('/large', before);
      const tail = new TextEncoder().encode('appended');
      const after = new Uint8Array(before.length + tail.length);
      after.set(before);
      after.set(tail, before.length);
      const source = new CountedSource(after);
      const unchanged = [{ start: 0, end: before.length }];
      const entry = await trial.settled(trial.store.write('/large', source, { ifRevision: revision, unchanged }));
      assert.equal(entry.size, after.length);
      assert.ok(sameBytes(await trial.bytes('/large'), after), 'the content is another');
      assert.ok(source.delivered < before.length, `${source.delivered} bytes were read`);
    },
  },
  {
    name: 'unchanged parts at any place give the content of the source',
    unless: ({ preconditions }) => (preconditions === 'none' ? 'the store has no preconditions' : undefined),
    run: async (trial) => {
      const { partialFrom } = trial.capabilities;
      const size = partialFrom * 4 <= affordable ? partialFrom * 4 : 100_000;
      const before = sampleBytes(size);
      for (const changed of [
        [[0, 10]],
        [[size / 2, size / 2 + 10]],
        [
          [10, 20],
          [size - 30_000, size - 5],
        ],
        [[0, size]],
      ]) {
        const after = Uint8Array.from(before);
        for (const [start = 0, end = 0] of changed) after.fill(7, start, end);
        const { revision } = await trial.put('/file', before);
        const options = { ifRevision: revision, unchanged: complement(changed, size) };
        await trial.settled(trial.store.write('/file', bytesSource(after), options));
        assert.ok(sameBytes(await readBytes(trial.store, '/file'), after), `changed at ${JSON.stringify(changed)}`);
      }
      const shorter = before.subarray(0, size - 1);
      const { revision } = await trial.put('/file', before);
      const unchanged = [{ start: 0, end: shorter.length }];
      await trial.settled(trial.store.write('/file', bytesSource(shorter), { ifRevision: revision, unchanged }));
      assert.ok(sameBytes(await readBytes(trial.store, '/file'), shorter), 'made shorter');
    },
  },
  {
    name: 'unchanged parts of a version that is gone are a Conflict',
    unless: ({ preconditions }) => (preconditions === 'none' ? 'the store has no preconditions' : undefined),
    run: async (trial) => {
      const { partialFrom } = trial.capabilities;
      const size = partialFrom * 4 <= affordable ? partialFrom * 4 : 100_000;
      const before = sampleBytes(size);
      const { revision } = await trial.put('/file', before);
      await trial.put('/file', 'theirs');
      const write = (): Promise<unknown> =>
        trial.store.write('/file', bytesSource(before), {
          ifRevision: revision,
          unchanged: [{ start: 0, end: size }],
        });
      await expectStoreError(write, 'Conflict');
      assert.equal(await trial.text('/file'), 'theirs');
    },
  },
];

function tooLarge(bytes: number, reason: string): string | undefined {
  if (bytes === Infinity) return reason;
  return bytes > affordable ? `it would take a file of ${bytes} bytes` : undefined;
}

function complement(ranges: readonly (readonly number[])[], size: number): ByteRange[] {
  const edges = [0, ...ranges.flat(), size];
  const gaps: ByteRange[] = [];
  for (let i = 0; i < edges.length; i += 2) gaps.push({ start: edges[i] ?? 0, end: edges[i + 1] ?? size });
  return gaps.filter(({ start, end }) => start < end);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** What a source throws that breaks off. */
const broken = new Error('the source broke off');

/** Bytes that count how many of them were read, and break off after `limit` of them. */
class CountedSource implements Source {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #count: { delivered: number };
  readonly #limit: number;

  constructor(bytes: Uint8Array, limit: number = Infinity, count: { delivered: number } = { delivered: 0 }) {
    this.size = bytes.length;
    this.#bytes = bytes;
    this.#limit = limit;
    this.#count = count;
  }

  get delivered(): number {
    return this.#count.delivered;
  }

  slice(start: number, end: number): Source {
    return new CountedSource(this.#bytes.subarray(start, end), this.#limit, this.#count);
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const step = 1 << 18;
    for (let at = 0; at < this.size; at += step) {
      if (this.#count.delivered > this.#limit) throw broken;
      const chunk = this.#bytes.subarray(at, at + step);
      this.#count.delivered += chunk.length;
      yield chunk;
    }
  }
}
