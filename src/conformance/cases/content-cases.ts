import assert from 'node:assert/strict';
import { bytesSource } from '../../store/source.ts';
import { assertSameBytes, expectStoreError } from '../expect.ts';
import { sampleBytes, streamingSource } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';

const sizes: readonly number[] = [0, 1, 65_535, 65_536, 65_537, (1 << 20) + 1, 5 << 20];

/** `write` and `read` of whole files. */
export const contentCases: readonly StoreCase[] = [
  ...sizes.map(
    (size): StoreCase => ({
      name: `a file of ${size} bytes is read as it was written`,
      run: async (trial) => {
        const content = sampleBytes(size);
        assert.equal((await trial.put('/file', content)).size, size);
        assert.equal((await trial.file('/file')).size, size);
        const { entry, body } = await trial.store.read('/file');
        assert.deepEqual([entry.kind, entry.path, entry.size], ['file', '/file', size]);
        assertSameBytes(Buffer.concat(await Array.fromAsync(body)), content, '/file');
      },
    }),
  ),
  {
    name: 'every value of a byte is kept',
    run: async (trial) => {
      const content = Uint8Array.from({ length: 512 }, (_, index) => index & 255);
      await trial.put('/file', content);
      assertSameBytes(await trial.bytes('/file'), content, '/file');
    },
  },
  {
    name: 'a source may deliver chunks of any size, empty ones too',
    run: async (trial) => {
      const content = sampleBytes(100_000);
      const source = streamingSource(content.length, async function* () {
        for (let at = 0, step = 0; at < content.length; at += step, step = (step * 7 + 1) % 5_001) {
          yield content.subarray(at, at + step);
        }
      });
      await trial.settled(trial.store.write('/file', source));
      assertSameBytes(await trial.bytes('/file'), content, '/file');
    },
  },
  {
    name: 'a source may use its buffer again',
    run: async (trial) => {
      const buffer = new Uint8Array(1000);
      const source = streamingSource(300_000, async function* () {
        for (let part = 0; part < 300; part++) yield buffer.fill(part);
      });
      await trial.settled(trial.store.write('/file', source));
      const expected = Buffer.concat(Array.from({ length: 300 }, (_, part) => new Uint8Array(1000).fill(part)));
      assertSameBytes(await trial.bytes('/file'), expected, '/file');
    },
  },
  {
    name: 'a Blob is a source',
    run: async (trial) => {
      await trial.settled(trial.store.write('/file', new Blob(['one, ', 'two'])));
      assert.equal(await trial.text('/file'), 'one, two');
    },
  },
  {
    name: 'a shorter file replaces a longer one, and the other way round',
    run: async (trial) => {
      for (const size of [200_000, 10, 0, 100_000]) {
        await trial.put('/file', sampleBytes(size, size + 1));
        assertSameBytes(await trial.bytes('/file'), sampleBytes(size, size + 1), '/file');
      }
      assert.deepEqual(await trial.paths('/'), ['/file']);
    },
  },
  {
    name: 'what a reader does with its bytes does not change the file',
    run: async (trial) => {
      await trial.put('/file', 'content');
      (await trial.bytes('/file')).fill(0);
      for await (const chunk of (await trial.store.read('/file')).body) chunk.fill(0);
      assert.equal(await trial.text('/file'), 'content');
    },
  },
  {
    name: 'a reader may leave early',
    run: async (trial) => {
      await trial.put('/file', sampleBytes(1 << 20));
      for (let round = 0; round < 20; round++) {
        for await (const chunk of (await trial.store.read('/file')).body) {
          assert.ok(chunk.length > 0);
          break;
        }
      }
      assertSameBytes(await trial.bytes('/file'), sampleBytes(1 << 20), '/file');
    },
  },
  {
    name: 'a file larger than maxFileSize is TooLarge',
    unless: ({ maxFileSize }) =>
      maxFileSize < 1 << 24 ? undefined : 'the store takes files that are too large to be tested',
    run: async (trial) => {
      const { maxFileSize } = trial.capabilities;
      await trial.put('/fits', new Uint8Array(maxFileSize));
      await expectStoreError(
        () => trial.store.write('/large', bytesSource(new Uint8Array(maxFileSize + 1))),
        'TooLarge',
      );
      assert.deepEqual(await trial.paths('/'), ['/fits']);
    },
  },
];
