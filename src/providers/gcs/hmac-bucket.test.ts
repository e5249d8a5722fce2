/** The XML API in Google's own spelling: what it keeps that Amazon's would not. The whole suite runs with the servers' tests. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GoogleStorageFake, owner } from '../../../test/fakes/google-storage/google-storage-fake.ts';
import { HttpClient } from '../../http/http-client.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { Bucket, StoredDownload } from '../bucket/bucket.ts';
import { hmacBucket } from './hmac-bucket.ts';

const limit = { timeout: 30_000 };
const mebibyte = 1 << 20;

let fake: GoogleStorageFake;
let bucket: Bucket;

before(async () => {
  fake = await GoogleStorageFake.start();
  fake.cloud.makeBucket('trial', owner.project);
  const hmac = fake.accounts.makeHmacKey(owner);
  const place = { bucket: 'trial', folder: '', origin: fake.origin, create: false };
  bucket = hmacBucket({ ...place, hmac, retry: { firstDelay: 1 }, http: new HttpClient() });
});
after(async () => {
  await bucket.close();
  await fake.close();
});

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

async function bytesOf(download: StoredDownload | undefined): Promise<Buffer> {
  assert.ok(download !== undefined);
  return Buffer.concat(await Array.fromAsync(download.body));
}

/** Somebody else writes this key right after it was looked at. */
function interfere(method: string, key: string, content: string): void {
  fake.faults.add({
    when: (request) => {
      const isIt = request.method === method && request.rawPath === `/trial/${key}`;
      if (isIt) fake.cloud.peek('trial')?.insert({ name: key, content: Buffer.from(content), properties: {} });
      return isIt;
    },
  });
}

describe('HMAC keys', () => {
  it('keep conditions at Google: who comes between the look and the write is not overwritten', limit, async () => {
    interfere('PUT', 'new', 'theirs');
    await assert.rejects(bucket.put('new', bytesSource('ours'), { ifRevision: null }), failsWith('Conflict'));
    const { revision } = await bucket.put('old', bytesSource('first'));
    interfere('PUT', 'old', 'theirs');
    await assert.rejects(bucket.put('old', bytesSource('ours'), { ifRevision: revision }), failsWith('Conflict'));
    const deleted = await bucket.put('deleted', bytesSource('first'));
    interfere('DELETE', 'deleted', 'theirs');
    await assert.rejects(bucket.delete('deleted', { ifRevision: deleted.revision }), failsWith('Conflict'));
    for (const key of ['new', 'old', 'deleted'])
      assert.equal((await bytesOf(await bucket.get(key))).toString(), 'theirs');
  });

  it('copy the version that was meant, onto the one that was meant', limit, async () => {
    const from = await bucket.put('from', bytesSource('content'), { modified: 1234 });
    interfere('PUT', 'target', 'theirs');
    await assert.rejects(bucket.copy(from, 'target', { ifRevision: null }), failsWith('Conflict'));
    const copy = await bucket.copy(from, 'copy', { ifRevision: null });
    assert.deepEqual(await bucket.head('copy'), { ...copy, contentType: 'application/octet-stream' });
    assert.equal(copy.modified, 1234);
    await bucket.put('from', bytesSource('another'));
    await assert.rejects(bucket.copy(from, 'elsewhere'), failsWith('NotFound'));
  });

  it('name a version alike, whatever tells of it', limit, async () => {
    const large = randomBytes(17 * mebibyte);
    for (const content of [Buffer.from('small'), large]) {
      const { revision } = await bucket.put('version', bytesSource(content), { ifRevision: undefined });
      const { files } = await bucket.page({ prefix: 'version' });
      const told = [
        files[0]?.revision,
        (await bucket.head('version'))?.revision,
        (await bucket.get('version'))?.file.revision,
      ];
      assert.deepEqual(told, [revision, revision, revision]);
      assert.equal(revision, fake.cloud.peek('trial')?.find('version')?.generation);
    }
    assert.ok((await bytesOf(await bucket.get('version'))).equals(large));
  });

  it('upload in parts under a condition that is looked at', limit, async () => {
    const large = bytesSource(randomBytes(17 * mebibyte));
    const { revision } = await bucket.put('parts', large, { ifRevision: null });
    await assert.rejects(bucket.put('parts', large, { ifRevision: null }), failsWith('Conflict'));
    await bucket.put('parts', large, { ifRevision: revision });
    assert.equal(fake.cloud.partsUploads.size, 0);
  });

  it('keep times as rclone writes them for Google', limit, async () => {
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789);
    await bucket.put('time', bytesSource('x'), { modified });
    assert.equal(fake.cloud.peek('trial')?.find('time')?.properties.metadata?.['mtime'], '2001-02-03T04:05:06.789Z');
    assert.equal((await bucket.head('time'))?.modified, modified);
  });

  it('notice what was damaged, and deliver what is compressed as it is stored', limit, async () => {
    await bucket.put('read', bytesSource('content'));
    fake.faults.add({ when: ({ method }) => method === 'GET', corruptDownload: true, times: 10 });
    await assert.rejects(bucket.get('read').then(bytesOf), failsWith('Corrupt'));
    while (fake.faults.left > 0)
      fake.faults.take({ method: 'GET', rawPath: '', query: new URLSearchParams(), headers: {} });
    const content = gzipSync('text');
    fake.cloud.peek('trial')?.insert({ name: 'packed', content, properties: { contentEncoding: 'gzip' } });
    assert.deepEqual(await bytesOf(await bucket.get('packed')), content);
    assert.equal((await bucket.head('packed'))?.size, content.length);
  });
});
