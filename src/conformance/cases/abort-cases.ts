import assert from 'node:assert/strict';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { expectFailure } from '../expect.ts';
import { sampleBytes, streamingSource } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';

const calls: Readonly<Record<string, (store: Store, signal: AbortSignal) => Promise<unknown>>> = {
  stat: (store, signal) => store.stat('/file', { signal }),
  list: (store, signal) => Array.fromAsync(store.list('/', { signal })),
  'list recursively': (store, signal) => Array.fromAsync(store.list('/', { recursive: true, signal })),
  read: (store, signal) => store.read('/file', { signal }),
  write: (store, signal) => store.write('/file', bytesSource('new'), { signal }),
  setMetadata: (store, signal) => store.setMetadata('/file', { mode: '100600' }, { signal }),
  makeDirectory: (store, signal) => store.makeDirectory('/new', { signal }),
  delete: (store, signal) => store.delete('/file', { signal }),
  'delete recursively': (store, signal) => store.delete('/d', { recursive: true, signal }),
  copy: (store, signal) => store.copy('/file', '/new', { signal }),
  move: (store, signal) => store.move('/file', '/new', { signal }),
  usage: (store, signal) => store.usage({ signal }),
};

/** Law 6: an aborted call rejects with `signal.reason`, soon, and leaves the old state or the new one. */
export const abortCases: readonly StoreCase[] = [
  {
    name: 'a call whose signal is aborted already rejects with its reason and changes nothing',
    run: async (trial) => {
      await trial.put('/file', 'old');
      await trial.put('/d/file', 'inner');
      const before = await trial.tree();
      for (const [what, call] of Object.entries(calls)) {
        for (const reason of [new Error('stop'), 'any value', undefined]) {
          const signal = AbortSignal.abort(reason);
          assert.equal(
            await expectFailure(() => call(trial.store, signal), `${what} to be aborted`),
            signal.reason,
            what,
          );
        }
      }
      assert.deepEqual(await trial.tree(), before);
    },
  },
  {
    name: 'a path that is not canonical is InvalidPath even when the signal is aborted, or the other way round',
    run: async (trial) => {
      const signal = AbortSignal.abort(new Error('stop'));
      await expectFailure(() => trial.store.write('/a/../b', bytesSource('x'), { signal }), 'a failure');
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'a write that is aborted while its source waits rejects soon with the reason and leaves the old file',
    run: async (trial) => {
      const before = await trial.put('/file', 'old');
      for (const path of ['/file', '/new']) {
        const controller = new AbortController();
        const reason = new Error('stop');
        const { promise: forever, resolve: release } = Promise.withResolvers<void>();
        const source = streamingSource(300_000, async function* () {
          yield sampleBytes(100_000);
          setImmediate(() => controller.abort(reason));
          await forever;
          yield sampleBytes(200_000);
        });
        const options = { signal: controller.signal };
        assert.equal(await expectFailure(() => trial.store.write(path, source, options), 'the abort'), reason);
        release();
      }
      await trial.settled(Promise.resolve());
      assert.deepEqual(await trial.tree(), { '/file': 'old' });
      assert.deepEqual(await trial.file('/file'), before);
    },
  },
  {
    name: 'a write that is aborted at any time leaves the old file or the new one',
    run: async (trial) => {
      const versions = [sampleBytes(400_000, 1), sampleBytes(400_000, 2)] as const;
      await trial.put('/file', versions[0]);
      for (const delay of [0, 1, 2, 5, 10, 20]) {
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort(), delay);
        const failure = await trial.store.write('/file', bytesSource(versions[1]), { signal: controller.signal }).then(
          () => undefined,
          (error: unknown) => error,
        );
        clearTimeout(timer);
        if (failure !== undefined) assert.equal(failure, controller.signal.reason);
        await trial.settled(Promise.resolve());
        const found = await trial.bytes('/file');
        assert.ok(
          versions.some((version) => Buffer.compare(version, found) === 0),
          'the file is a mixture',
        );
        assert.deepEqual(await trial.paths('/'), ['/file']);
      }
    },
  },
  {
    name: 'a body whose signal is aborted midway throws the reason',
    run: async (trial) => {
      await trial.put('/file', sampleBytes(8 << 20));
      const controller = new AbortController();
      const reason = new Error('stop');
      const { body } = await trial.store.read('/file', { signal: controller.signal });
      const error = await expectFailure(async () => {
        let chunks = 0;
        for await (const chunk of body) {
          assert.ok(chunk.length < 8 << 20, 'the whole file came in one chunk');
          if (chunks++ === 0) controller.abort(reason);
        }
      }, 'the abort');
      assert.equal(error, reason);
    },
  },
  {
    name: 'a body that nobody reads ends with its signal, and the store stays usable',
    run: async (trial) => {
      await trial.put('/file', sampleBytes(1 << 20));
      for (let round = 0; round < 20; round++) {
        const controller = new AbortController();
        await trial.store.read('/file', { signal: controller.signal });
        controller.abort();
      }
      assert.equal((await trial.bytes('/file')).length, 1 << 20);
    },
  },
  {
    name: 'a list whose signal is aborted midway throws the reason',
    run: async (trial) => {
      for (let index = 0; index < 20; index++) await trial.put(`/d/${index}`);
      for (const recursive of [false, true]) {
        const controller = new AbortController();
        const reason = new Error('stop');
        const error = await expectFailure(async () => {
          for await (const entry of trial.store.list('/d', { recursive, signal: controller.signal })) {
            assert.equal(entry.kind, 'file');
            controller.abort(reason);
          }
        }, 'the abort');
        assert.equal(error, reason);
      }
    },
  },
  {
    name: 'a signal that is aborted after the call has no effect',
    run: async (trial) => {
      const controller = new AbortController();
      await trial.settled(trial.store.write('/file', bytesSource('content'), { signal: controller.signal }));
      await trial.settled(trial.store.copy('/file', '/copy', { signal: controller.signal }));
      controller.abort();
      assert.deepEqual(await trial.tree(), { '/copy': 'content', '/file': 'content' });
    },
  },
];
