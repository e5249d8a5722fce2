import assert from 'node:assert/strict';
import { StoreError } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';

interface Failure {
  readonly operation: keyof Store;
  readonly path: string;
  readonly code: StoreError['code'];
  readonly call: (store: Store) => Promise<unknown>;
}

const failures: readonly Failure[] = [
  { operation: 'stat', path: '/missing', code: 'NotFound', call: (store) => store.stat('/missing') },
  { operation: 'list', path: '/missing', code: 'NotFound', call: (store) => Array.fromAsync(store.list('/missing')) },
  { operation: 'list', path: '/file', code: 'NotADirectory', call: (store) => Array.fromAsync(store.list('/file')) },
  { operation: 'read', path: '/missing', code: 'NotFound', call: (store) => store.read('/missing') },
  { operation: 'read', path: '/d', code: 'IsADirectory', call: (store) => store.read('/d') },
  { operation: 'write', path: '/d', code: 'IsADirectory', call: (store) => store.write('/d', bytesSource('x')) },
  { operation: 'write', path: '/d/', code: 'InvalidPath', call: (store) => store.write('/d/', bytesSource('x')) },
  { operation: 'makeDirectory', path: '/file', code: 'AlreadyExists', call: (store) => store.makeDirectory('/file') },
  { operation: 'delete', path: '/d', code: 'NotEmpty', call: (store) => store.delete('/d') },
  { operation: 'copy', path: '/missing', code: 'NotFound', call: (store) => store.copy('/missing', '/to') },
  { operation: 'move', path: '/missing', code: 'NotFound', call: (store) => store.move('/missing', '/to') },
];

/** What a `StoreError` tells. */
export const errorCases: readonly StoreCase[] = [
  {
    name: 'an error tells its code, the operation that was called, the path and the store',
    run: async (trial) => {
      await trial.put('/file');
      await trial.put('/d/file');
      for (const { operation, path, code, call } of failures) {
        const error = await expectStoreError(() => call(trial.store), code);
        assert.deepEqual([error.operation, error.path, error.code], [operation, path, code]);
        assert.ok(typeof error.store === 'string' && error.store !== '', `${error.message}: no store`);
        assert.ok(error.message.includes(code) && error.message.includes(path), error.message);
        assert.equal(error.retryable, new StoreError(code).retryable);
      }
    },
  },
];
