import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { s3Error, ScriptedS3 } from '../../../test/fakes/s3/scripted-s3.ts';
import { sampleBytes } from '../../conformance/sample-content.ts';
import { readBytes, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { Metadata } from '../../store/store.ts';
import { S3Store, type S3StoreOptions } from './s3-store.ts';

const part = 5 << 20;
const keys = { bucket: 'bucket', id: 'id', secret: 'secret', variables: {} };

function storeAt(fake: ScriptedS3, options: Partial<S3StoreOptions> = {}): S3Store {
  const { endpoint } = fake;
  return new S3Store({ ...keys, endpoint, preconditions: 'atomic', multipartFrom: part, partSize: part, ...options });
}

async function metadataOf(store: S3Store, path: string): Promise<Metadata | undefined> {
  const entry = await store.stat(path);
  return entry.kind === 'file' ? entry.metadata : undefined;
}

describe('metadata at S3', { timeout: 60_000 }, () => {
  it('is in headers, in a form that no service changes', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    await writeBytes(store, '/file', 'content', { metadata: { mode: '100644', note: 'é' }, modified: 1500 });
    const [put] = fake.requests(/^PUT/);
    assert.equal(put?.headers['x-amz-meta-mode'], '100644');
    assert.equal(put?.headers['x-amz-meta-note'], "UTF-8''%C3%A9");
    assert.equal(put?.headers['x-amz-meta-mtime'], '1.500');
    const { entry, body } = await store.read('/file');
    for await (const _chunk of body) break;
    assert.deepEqual(entry.metadata, { mode: '100644', note: 'é' });
    await store.close();
  });

  it('is replaced by a look and a copy, which leave all else', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { storageClass: 'STANDARD_IA' });
    const { revision: ifRevision } = await writeBytes(store, '/file', 'content', { modified: 1500 });
    const stored = fake.keys.stored.get('file');
    assert.ok(stored !== undefined);
    const headers = { ...stored.headers, 'content-type': 'text/plain', 'x-amz-storage-class': 'GLACIER_IR' };
    fake.keys.stored.set('file', { ...stored, headers });
    fake.seen.length = 0;
    const set = await store.setMetadata('/file', { mode: '100600' }, { ifRevision });
    assert.deepEqual([set.modified, set.metadata], [1500, { mode: '100600' }]);
    assert.deepEqual(
      fake.seen.map(({ method }) => method),
      ['HEAD', 'PUT'],
    );
    const copy = fake.seen[1]?.headers;
    assert.equal(copy?.['x-amz-metadata-directive'], 'REPLACE');
    assert.equal(copy?.['x-amz-copy-source-if-match'], `"${ifRevision}"`);
    assert.equal(copy?.['content-type'], 'text/plain');
    assert.equal(copy?.['x-amz-storage-class'], 'GLACIER_IR');
    assert.deepEqual(await store.stat('/file'), set);
    await store.close();
  });

  it('is replaced in parts where the file is too large for one copy', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { maxCopySize: part });
    const bytes = sampleBytes(2 * part + 17);
    const options = { metadata: { mode: '100600' }, modified: 1500 };
    const { revision: ifRevision } = await writeBytes(store, '/large', bytes, options);
    fake.seen.length = 0;
    const set = await store.setMetadata('/large', { mode: '100640', note: 'é' }, { ifRevision });
    assert.equal(fake.requests(/^PUT/).filter(({ body }) => body.length > 0).length, 0);
    assert.deepEqual([set.modified, set.metadata], [1500, { mode: '100640', note: 'é' }]);
    assert.deepEqual(await store.stat('/large'), set);
    assert.ok(Buffer.from(bytes).equals(await readBytes(store, '/large')));
    await store.close();
  });

  it('is replaced once more where an answer was lost, or somebody else was faster', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    await writeBytes(store, '/file', 'first');
    fake.fault(1, ({ method }) => (method === 'PUT' ? 'lost' : undefined));
    await store.setMetadata('/file', { mode: '100600' });
    fake.fault(1, ({ headers }) => {
      if (headers['x-amz-copy-source'] === undefined) return undefined;
      const stored = fake.keys.stored.get('file');
      assert.ok(stored !== undefined);
      fake.keys.stored.set('file', { ...stored, bytes: Buffer.from('theirs'), etag: '"theirs"' });
      return s3Error(412, 'PreconditionFailed');
    });
    const set = await store.setMetadata('/file', { mode: '100640' });
    assert.deepEqual([set.revision, set.metadata], ['theirs', { mode: '100640' }]);
    await store.close();
  });

  it('of an upload that goes on is the one that is asked for now', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { parallelParts: 1 });
    const source = bytesSource(sampleBytes(3 * part));
    let saved: string | undefined;
    const save = (state: string | undefined): void => void (saved = state);
    const write = (metadata: Metadata): Promise<unknown> =>
      store.write('/large', source, { metadata, resume: { saved, save } });
    for (const metadata of [{ mode: '100600' }, { mode: '100600' }]) {
      fake.fault(1, ({ query }) => (query.get('partNumber') === '3' ? s3Error(403, 'AccessDenied') : undefined));
      await assert.rejects(write(metadata), { code: 'PermissionDenied' });
    }
    assert.equal(fake.requests(/partNumber=1&/).length, 1);
    await write({ mode: '100755' });
    assert.equal(fake.requests(/partNumber=1&/).length, 2);
    assert.equal(fake.keys.uploads.size, 0);
    assert.deepEqual(await metadataOf(store, '/large'), { mode: '100755' });
    await store.close();
  });
});
