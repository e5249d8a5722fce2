import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { Capabilities, FileEntry } from '../../store/store.ts';
import { memoryCapabilities } from '../memory/memory-capabilities.ts';
import type { Service } from './service.ts';
import { ServiceStore } from './service-store.ts';

const entry: FileEntry = { kind: 'file', path: '/f', size: 2, modified: 0 };

async function* broken<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
  throw new StoreError('Unavailable');
}

/** A service that notes what it was asked, and breaks in listings and bodies. */
function serviceOf(asked: string[], capabilities: Partial<Capabilities> = {}): Service {
  const noted = <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  return {
    name: 'trial',
    capabilities: { ...memoryCapabilities, metadata: 'none', maxMetadataBytes: 0, maxFileSize: 3, ...capabilities },
    reach: (path) => noted(`reach ${path}`, undefined),
    stat: (path) => noted(`stat ${path}`, entry),
    list: () => broken(entry),
    read: () => Promise.resolve({ entry, body: broken(new Uint8Array(1)) }),
    write: (path) => noted(`write ${path}`, entry),
    makeDirectory: (path) => noted(`makeDirectory ${path}`, undefined),
    delete: (path) => noted(`delete ${path}`, undefined),
    deleteAll: (entries) => noted(`deleteAll ${entries.length}`, []),
    transfer: ({ operation, from, to }) => noted(`${operation} ${from} ${to}`, undefined),
    usage: () => noted('usage', {}),
    close: () => noted('close', undefined),
  };
}

const fails =
  (code: string, operation: string) =>
  (error: unknown): boolean =>
    isStoreError(error) && error.code === code && error.operation === operation && error.store === 'trial';

test('what the contract forbids is refused before the service is asked for it', async () => {
  const asked: string[] = [];
  const store = new ServiceStore(serviceOf(asked));
  const text = bytesSource('x');
  await assert.rejects(store.stat('no'), fails('InvalidPath', 'stat'));
  await assert.rejects(store.write('/f/', text), fails('InvalidPath', 'write'));
  await assert.rejects(store.copy('/f', 'g'), fails('InvalidPath', 'copy'));
  await assert.rejects(store.move('f', '/g'), fails('InvalidPath', 'move'));
  await assert.rejects(store.read('/f', { offset: -1 }), RangeError);
  await assert.rejects(store.deleteAll([{ kind: 'directory', path: '/' }]), fails('InvalidPath', 'deleteAll'));
  await assert.rejects(store.stat('/f', { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  assert.equal(asked.length, 0);
  await assert.rejects(store.write('/f', bytesSource('four')), fails('TooLarge', 'write'));
  await assert.rejects(store.write('/f', text, { metadata: { a: 'b' } }), fails('Unsupported', 'write'));
  await assert.rejects(store.setMetadata('/f', {}), fails('Unsupported', 'setMetadata'));
  await assert.rejects(store.changes(undefined), fails('Unsupported', 'changes'));
  assert.deepEqual(asked, ['reach /f', 'reach /f', 'reach /f']);
});

test('a service is reached before it is asked', async () => {
  const asked: string[] = [];
  const store = new ServiceStore(serviceOf(asked));
  await store.move('/f', '/g');
  await store.delete('/g');
  assert.deepEqual(asked, ['reach /f', 'move /f /g', 'reach /g', 'delete /g']);
});

test('what breaks in a listing or a body names its call', async () => {
  const store = new ServiceStore(serviceOf([]));
  await assert.rejects(Array.fromAsync(store.list('/')), fails('Unavailable', 'list'));
  const { body } = await store.read('/f');
  await assert.rejects(Array.fromAsync(body), fails('Unavailable', 'read'));
});

test('an abort ends a listing and a body with its reason', async () => {
  const store = new ServiceStore(serviceOf([]));
  const left = new AbortController();
  const listing = store.list('/', { signal: left.signal });
  const { body } = await store.read('/f', { signal: left.signal });
  assert.equal((await listing.next()).done, false);
  left.abort(new Error('enough'));
  await assert.rejects(listing.next(), /enough/);
  await assert.rejects(Array.fromAsync(body), /enough/);
});
