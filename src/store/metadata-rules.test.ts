import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStoreError, type StoreErrorCode } from './errors.ts';
import { assertMetadata, keptMetadata, metadataBytes } from './metadata-rules.ts';
import type { Capabilities, Metadata } from './store.ts';

type Kept = Capabilities['metadata'];

function check(metadata: Metadata | undefined, kept: Kept, operation: 'write' | 'setMetadata' = 'write'): void {
  const capabilities = { metadata: kept, maxMetadataBytes: 20 };
  assertMetadata(metadata, { operation, path: '/a', store: 'test', capabilities });
}

function refuses(code: StoreErrorCode, call: () => void): void {
  assert.throws(call, (error) => isStoreError(error, code) && error.path === '/a' && error.store === 'test');
}

describe('assertMetadata', () => {
  it('lets pass what the store keeps, and what is none', () => {
    check({ mode: '100644' }, 'mode');
    check({ 'a.b-c': 'é' }, 'any');
    for (const kept of ['none', 'mode', 'any'] as const) {
      check(undefined, kept);
      check({}, kept);
    }
  });

  it('refuses other names, too much, and every change of what is not kept', () => {
    refuses('Unsupported', () => check({ mode: '100644' }, 'none'));
    refuses('Unsupported', () => check({ mode: '100644', uid: '0' }, 'mode'));
    refuses('Unsupported', () => check({}, 'none', 'setMetadata'));
    refuses('TooLarge', () => check({ name: 'é'.repeat(9) }, 'any'));
    check({ name: 'é'.repeat(8) }, 'any');
  });

  it('throws a TypeError for what is no name or no text', () => {
    for (const name of ['', 'mtime', 'A', '.a', 'a b', 'a_b', 'a\n'])
      assert.throws(() => check({ [name]: '' }, 'any'), TypeError);
    assert.throws(() => check({ a: '\ud800' }, 'any'), TypeError);
    assert.throws(() => check({ a: 1 as unknown as string }, 'any'), TypeError);
  });
});

it('keptMetadata leaves out what a store does not keep, and metadataBytes counts UTF-8', () => {
  const metadata = { mode: '100644', note: 'é' };
  assert.deepEqual(keptMetadata(metadata, { metadata: 'any' }), metadata);
  assert.deepEqual(keptMetadata(metadata, { metadata: 'mode' }), { mode: '100644' });
  assert.deepEqual(keptMetadata(metadata, { metadata: 'none' }), {});
  assert.equal(metadataBytes(metadata), 16);
});
