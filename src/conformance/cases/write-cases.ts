import assert from 'node:assert/strict';
import { bytesSource } from '../../store/source.ts';
import { expectFailure, expectStoreError } from '../expect.ts';
import { sampleBytes, streamingSource } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';
import type { Trial } from '../trial.ts';

/** Laws 4 and 5: what `write` and `makeDirectory` refuse, that they repeat, and what a failed source leaves. */
export const writeCases: readonly StoreCase[] = [
  {
    name: 'write onto a directory is IsADirectory',
    run: async (trial) => {
      await trial.put('/directory/file', 'content');
      for (const path of ['/directory', '/']) {
        await expectStoreError(() => trial.store.write(path, bytesSource('x')), 'IsADirectory');
      }
      assert.deepEqual(await trial.tree(), { '/directory/': '', '/directory/file': 'content' });
    },
  },
  {
    name: 'makeDirectory onto a file is AlreadyExists',
    run: async (trial) => {
      await trial.put('/file', 'content');
      await expectStoreError(() => trial.store.makeDirectory('/file'), 'AlreadyExists');
      assert.deepEqual(await trial.tree(), { '/file': 'content' });
    },
  },
  {
    name: 'write and makeDirectory can be repeated',
    run: async (trial) => {
      for (let round = 0; round < 3; round++) {
        await trial.put('/d/file', 'content');
        await trial.settled(trial.store.makeDirectory('/d'));
        await trial.settled(trial.store.makeDirectory('/d/empty'));
      }
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/empty/': '', '/d/file': 'content' });
    },
  },
  {
    name: 'read of a directory is IsADirectory, of what does not exist NotFound',
    run: async (trial) => {
      await trial.put('/d/file');
      for (const path of ['/d', '/']) await expectStoreError(() => trial.store.read(path), 'IsADirectory');
      for (const path of ['/missing', '/d/missing', '/missing/file', '/d/file/below']) {
        await expectStoreError(() => trial.store.read(path), 'NotFound');
      }
    },
  },
  {
    name: 'missing parents are made by write and makeDirectory',
    run: async (trial) => {
      await trial.put('/a/b/c/file', 'content');
      await trial.settled(trial.store.makeDirectory('/x/y/z'));
      const made = { '/a/': '', '/a/b/': '', '/a/b/c/': '', '/a/b/c/file': 'content' };
      assert.deepEqual(await trial.tree(), { ...made, '/x/': '', '/x/y/': '', '/x/y/z/': '' });
    },
  },
  {
    name: 'writers that need the same missing parents do not disturb each other',
    run: async (trial) => {
      const paths = Array.from({ length: 12 }, (_, index) => `/new/parents/${index % 2}/file ${index}`);
      await trial.settled(Promise.all(paths.map((path) => trial.store.write(path, bytesSource(path)))));
      const files = (await trial.paths('/', { recursive: true })).filter((path) => !path.endsWith('/'));
      assert.deepEqual(files, paths.toSorted());
    },
  },
  {
    name: 'a parent that is a file is NotADirectory for write and makeDirectory',
    run: async (trial) => {
      await trial.put('/file', 'content');
      for (const path of ['/file/below', '/file/below/deeper']) {
        await expectStoreError(() => trial.store.write(path, bytesSource('x')), 'NotADirectory');
        await expectStoreError(() => trial.store.makeDirectory(path), 'NotADirectory');
      }
      assert.deepEqual(await trial.tree(), { '/file': 'content' });
    },
  },
  {
    name: 'a source that throws midway leaves the old state, and its error is thrown',
    run: (trial) =>
      leavesOldState(
        trial,
        300_000,
        async function* () {
          yield sampleBytes(100_000);
          throw new Error('the source broke');
        },
        /the source broke/,
      ),
  },
  {
    name: 'a source that is shorter than its size is refused and leaves the old state',
    run: (trial) =>
      leavesOldState(trial, 300_000, async function* () {
        yield sampleBytes(299_999);
      }),
  },
  {
    name: 'a source that is longer than its size is refused and leaves the old state',
    run: (trial) =>
      leavesOldState(trial, 300_000, async function* () {
        yield sampleBytes(300_000);
        yield sampleBytes(1);
      }),
  },
  {
    name: 'a source that should be empty and is not is refused and leaves the old state',
    run: (trial) =>
      leavesOldState(trial, 0, async function* () {
        yield sampleBytes(1);
      }),
  },
  {
    name: 'a source without a proper size is a TypeError or RangeError',
    run: async (trial) => {
      for (const size of [-1, 0.5, Number.NaN, Infinity]) {
        const error = await expectFailure(
          () => trial.store.write('/file', { ...bytesSource('x'), size }),
          'a TypeError',
        );
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
      }
      assert.deepEqual(await trial.tree(), {});
    },
  },
];

/** Such a source neither replaces a file nor creates one (nor the parents that it would have needed, which may stay). */
async function leavesOldState(
  trial: Trial,
  size: number,
  stream: () => AsyncIterable<Uint8Array>,
  message?: RegExp,
): Promise<void> {
  const before = await trial.put('/old', 'old content');
  for (const path of ['/old', '/new', '/d/new']) {
    const error = await expectFailure(
      () => trial.settled(trial.store.write(path, streamingSource(size, stream))),
      'an error',
    );
    assert.ok(error instanceof Error, String(error));
    if (message !== undefined) assert.match(messages(error), message);
  }
  const { '/d/': _parent, ...rest } = await trial.tree();
  assert.deepEqual(rest, { '/old': 'old content' });
  assert.deepEqual(await trial.file('/old'), before);
}

/** The messages of an error and of what caused it: a client that sends a stream may wrap what the stream threw. */
function messages(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messages(error.cause)}` : '';
}
