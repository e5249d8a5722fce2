import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isStoreError } from '../../store/errors.ts';
import { writeBytes } from '../../store/operations.ts';
import { LocalStore } from './local-store.ts';

const root = mkdtempSync(join(tmpdir(), 'cloudfusion-mode-'));
after(() => rmSync(root, { recursive: true }));
const store = new LocalStore({ root });
const on = (name: string): string => join(root, name);
const bitsOf = (name: string): string => (statSync(on(name)).mode & 0o7777).toString(8);

describe('the mode of a file of a LocalStore', () => {
  it('is that of the disk, also in listings', async () => {
    writeFileSync(on('file'), 'content');
    chmodSync(on('file'), 0o4751);
    const [listed] = await Array.fromAsync(store.list('/'));
    assert.deepEqual(listed?.kind === 'file' && listed.metadata, { mode: '104751' });
  });

  it('is exactly what was given, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await writeBytes(store, '/shared', 'content', { metadata: { mode: '100666' } });
      await writeBytes(store, '/usual', 'content');
    } finally {
      process.umask(before);
    }
    assert.deepEqual([bitsOf('shared'), bitsOf('usual')], ['666', '600']);
  });

  it('never makes a program run as somebody else', async () => {
    const { metadata } = await writeBytes(store, '/program', 'content', { metadata: { mode: '106755' } });
    assert.deepEqual([bitsOf('program'), metadata], ['755', { mode: '100755' }]);
    await store.setMetadata('/program', { mode: '104700' });
    assert.equal(bitsOf('program'), '700');
  });

  it('does not keep a file from being replaced, changed or deleted', async () => {
    await writeBytes(store, '/locked', 'first', { metadata: { mode: '100000' } });
    const { revision: ifRevision } = await writeBytes(store, '/locked', 'second', { metadata: { mode: '100400' } });
    assert.equal(readFileSync(on('locked'), 'utf8'), 'second');
    const set = await store.setMetadata('/locked', { mode: '100000' }, { ifRevision });
    await store.setMetadata('/locked', { mode: '100400' }, { ifRevision: set.revision });
    assert.equal(bitsOf('locked'), '400');
    await store.delete('/locked');
  });

  it('is one of a plain file, or Unsupported', async () => {
    await writeBytes(store, '/plain', 'content', { metadata: { mode: '640' } });
    const unsupported = (error: unknown): boolean => isStoreError(error, 'Unsupported');
    for (const mode of ['120777', '040755', '100899', '', 'rwx', '-644']) {
      await assert.rejects(writeBytes(store, '/plain', 'new', { metadata: { mode } }), unsupported, mode);
      await assert.rejects(store.setMetadata('/plain', { mode }), unsupported, mode);
    }
    assert.deepEqual([bitsOf('plain'), readFileSync(on('plain'), 'utf8')], ['640', 'content']);
  });

  it('is not changed through a link', async () => {
    symlinkSync(on('plain'), on('link'));
    await assert.rejects(store.setMetadata('/link', { mode: '100777' }), { code: 'PermissionDenied' });
    assert.equal(bitsOf('plain'), '640');
  });
});
