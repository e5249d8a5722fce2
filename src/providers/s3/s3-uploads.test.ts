/** Uploads in parts: broken off, gone on with, given up, and those that were left behind. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { s3Error, ScriptedS3 } from '../../../test/fakes/s3/scripted-s3.ts';
import { isStoreError } from '../../store/errors.ts';
import { readBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { Resume } from '../../store/store.ts';
import { S3Store, type S3StoreOptions } from './s3-store.ts';

const part = 5 << 20;
const bytes = Buffer.alloc(3 * part + 1000, 'large content ');
const day = 86_400_000;

function storeAt(fake: ScriptedS3, options: Partial<S3StoreOptions> = {}): S3Store {
  return new S3Store({
    bucket: 'bucket',
    id: 'id',
    secret: 'secret',
    endpoint: fake.endpoint,
    multipartFrom: part,
    partSize: part,
    retry: { firstDelay: 1, attempts: 3 },
    ...options,
  });
}

/** Keeps what was saved, as a caller does. */
class Saved {
  state: string | undefined;

  get resume(): Resume {
    return { saved: this.state, save: (state) => void (this.state = state) };
  }
}

/** An upload that breaks off behind its first parts. */
async function broken(fake: ScriptedS3, store: S3Store, saved: Saved): Promise<void> {
  const left = fake.faults.length;
  fake.faults.push(({ query }) => (Number(query.get('partNumber')) > 2 ? s3Error(403, 'AccessDenied') : undefined));
  await assert.rejects(store.write('/large', bytesSource(bytes), { resume: saved.resume }));
  fake.faults.length = left;
}

const partsSent = (fake: ScriptedS3): number[] =>
  fake
    .requests(/^PUT .*partNumber/)
    .map(({ query }) => Number(query.get('partNumber')))
    .sort((a, b) => a - b);

describe('an upload that broke off', { timeout: 60_000 }, () => {
  it('goes on with the parts that the service has, by another store', async () => {
    await using fake = await ScriptedS3.start();
    const [first, second, saved] = [storeAt(fake), storeAt(fake), new Saved()];
    await broken(fake, first, saved);
    fake.seen.length = 0;
    await second.write('/large', bytesSource(bytes), { resume: saved.resume });
    assert.deepEqual(partsSent(fake), [3, 4]);
    assert.equal(saved.state, undefined);
    assert.ok(bytes.equals(await readBytes(second, '/large')));
    await Promise.all([first.close(), second.close()]);
  });

  it('sends a part again that is not the one that was noted, or has another size', async () => {
    await using fake = await ScriptedS3.start();
    const [store, saved] = [storeAt(fake), new Saved()];
    await broken(fake, store, saved);
    const [upload] = fake.keys.uploads.values();
    upload?.parts.set(1, Buffer.alloc(part, 'other'));
    upload?.parts.set(2, Buffer.alloc(10));
    fake.seen.length = 0;
    await store.write('/large', bytesSource(bytes), { resume: saved.resume });
    assert.deepEqual(partsSent(fake), [1, 2, 3, 4]);
    assert.ok(bytes.equals(await readBytes(store, '/large')));
    await store.close();
  });

  it('takes a part whose answer was lost only if its bytes are those of the source', async () => {
    await using fake = await ScriptedS3.start();
    const [store, saved] = [storeAt(fake), new Saved()];
    await broken(fake, store, saved);
    const [upload] = fake.keys.uploads.values();
    upload?.parts.set(3, bytes.subarray(2 * part, 3 * part));
    upload?.parts.set(4, Buffer.alloc(1000, 'wrong'));
    fake.seen.length = 0;
    await store.write('/large', bytesSource(bytes), { resume: saved.resume });
    assert.deepEqual(partsSent(fake), [4]);
    assert.ok(bytes.equals(await readBytes(store, '/large')));
    await store.close();
  });

  it('begins anew where the service has forgotten it', async () => {
    await using fake = await ScriptedS3.start();
    const [store, saved] = [storeAt(fake), new Saved()];
    await broken(fake, store, saved);
    fake.keys.uploads.clear();
    await store.write('/large', bytesSource(bytes), { resume: saved.resume });
    assert.ok(bytes.equals(await readBytes(store, '/large')));
    await store.close();
  });

  it('is given up where nobody goes on with it: without a state, as obsolete, after a conflict, and after an abort', async () => {
    await using fake = await ScriptedS3.start();
    const [store, saved] = [storeAt(fake), new Saved()];
    const refuse = fake.faults.push(({ query }) =>
      query.get('partNumber') === '4' ? s3Error(403, 'AccessDenied') : undefined,
    );
    await assert.rejects(store.write('/large', bytesSource(bytes)));
    assert.equal(fake.keys.uploads.size, 0, 'without a state');
    await assert.rejects(store.write('/large', bytesSource(bytes), { resume: saved.resume }));
    assert.equal(fake.keys.uploads.size, 1);
    fake.faults.length = refuse - 1;
    await store.write('/large', bytesSource('small'), { resume: { obsolete: saved.state, save: () => {} } });
    assert.equal(fake.keys.uploads.size, 0, 'as obsolete');
    const conflict = new Saved();
    fake.fault(1, ({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? s3Error(412, 'PreconditionFailed') : undefined,
    );
    await assert.rejects(store.write('/large', bytesSource(bytes), { resume: conflict.resume }), (error) =>
      isStoreError(error, 'Conflict'),
    );
    assert.deepEqual([fake.keys.uploads.size, conflict.state], [0, undefined], 'after a conflict');
    const controller = new AbortController();
    fake.faults.push(({ query }) => void (query.get('partNumber') === '2' && controller.abort(new Error('enough'))));
    await assert.rejects(store.write('/large', bytesSource(bytes), { signal: controller.signal }), /enough/);
    await store.close();
    assert.equal(fake.keys.uploads.size, 0, 'after an abort');
  });
});

describe('the end of an upload', { timeout: 60_000 }, () => {
  it('whose answer was lost is found by the ETag of its parts', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    fake.fault(1, ({ method, query }) => (method === 'POST' && query.has('uploadId') ? 'lost' : undefined));
    const entry = await store.write('/large', bytesSource(bytes));
    assert.match(entry.revision ?? '', /-4$/);
    assert.ok(bytes.equals(await readBytes(store, '/large')));
    await store.close();
  });

  it('that the service has lost with its upload is Unavailable, not a success', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    fake.faults.push(({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? s3Error(404, 'NoSuchUpload') : undefined,
    );
    await assert.rejects(store.write('/large', bytesSource(bytes)), (error) => isStoreError(error, 'Unavailable'));
    await store.close();
  });

  it('is proved by the sum of the whole file where CRC-32 is wanted', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { checksums: 'crc32' });
    await store.write('/large', bytesSource(bytes));
    const [end] = fake.requests(/^POST .*uploadId/);
    const { crc32 } = await import('node:zlib');
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    assert.equal(end?.headers['x-amz-checksum-crc32'], sum.toString('base64'));
    assert.equal(end?.headers['x-amz-checksum-type'], 'FULL_OBJECT');
    await store.close();
  });
});

describe('a file that was changed in place', { timeout: 60_000 }, () => {
  it('is sent whole where the service copies no parts, and that is learned', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    fake.faults.push(({ headers }) =>
      headers['x-amz-copy-source'] === undefined ? undefined : s3Error(501, 'NotImplemented'),
    );
    for (const letter of ['a', 'b']) {
      const { revision } = await store.write('/large', bytesSource(bytes));
      const after = Buffer.from(bytes);
      after.write(letter, 3 * part);
      const unchanged = [{ start: 0, end: 3 * part }];
      await store.write('/large', bytesSource(after), { ifRevision: revision, unchanged });
      assert.ok(after.equals(await readBytes(store, '/large')));
    }
    assert.equal(
      fake.requests(/^PUT .*partNumber/).filter(({ headers }) => headers['x-amz-copy-source'] !== undefined).length,
      1,
    );
    await store.close();
  });
});

describe('a copy in parts', { timeout: 60_000 }, () => {
  it('is of one version, and of the right one', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { maxCopySize: part });
    await store.write('/large', bytesSource(bytes), { modified: 1500 });
    await store.copy('/large', '/copy');
    assert.equal((await store.stat('/copy')).modified, 1500);
    assert.ok(bytes.equals(await readBytes(store, '/copy')));
    const other = Buffer.alloc(bytes.length, 'other');
    fake.fault(1, (seen) => {
      if (!seen.query.has('partNumber')) return undefined;
      const answer = fake.keys.answer(seen);
      fake.keys.stored.set('large', { bytes: other, etag: '"other"', headers: {} });
      return answer;
    });
    await store.copy('/large', '/copy');
    assert.ok(other.equals(await readBytes(store, '/copy')), 'begun anew with the version that is there now');
    const requests = fake.seen.length;
    await store.write('/100%25', bytesSource(bytes));
    await store.copy('/100%25', '/copy');
    assert.ok(bytes.equals(await readBytes(store, '/copy')));
    const asked = fake.seen.slice(requests).map(({ headers }) => headers['x-amz-copy-source']);
    assert.ok(
      asked.every((source) => source === undefined),
      'Ceph would copy the parts of /100%',
    );
    await store.close();
    assert.equal(fake.keys.uploads.size, 0);
  });
});

describe('unfinished uploads', { timeout: 60_000 }, () => {
  it("that are old and ours are given up, and nobody else's", async () => {
    await using fake = await ScriptedS3.start();
    const old = new Date(Date.now() - 8 * day);
    fake.keys.addUpload('root/old', 'me', old);
    const kept = [
      fake.keys.addUpload('root/young', 'me', new Date(Date.now() - 6 * day)),
      fake.keys.addUpload('root/old of another', 'somebody', old),
      fake.keys.addUpload('beside/old', 'me', old),
    ];
    const store = storeAt(fake, { root: 'root' });
    await store.write('/large', bytesSource(bytes));
    await store.close();
    assert.deepEqual([...fake.keys.uploads.keys()], kept);
  });

  it('stay where the service does not say who began them', async () => {
    await using fake = await ScriptedS3.start();
    fake.keys.addUpload('old', 'me', new Date(0));
    fake.faults.push((seen) => {
      if (!seen.query.has('uploads') || seen.method !== 'GET') return undefined;
      const answer = fake.keys.answer(seen);
      return { ...answer, body: String(answer.body).replaceAll(/<Initiator>.*?<\/Initiator>/g, '') };
    });
    const store = storeAt(fake);
    await store.write('/large', bytesSource(bytes));
    await store.close();
    assert.equal(fake.requests(/^GET .*uploads=/).length, 1);
    assert.equal(fake.keys.uploads.size, 1);
  });
});

it('the fake makes ETags as S3 does', async () => {
  await using fake = await ScriptedS3.start();
  const store = storeAt(fake);
  const { revision } = await store.write('/small', bytesSource('content'));
  assert.equal(revision, createHash('md5').update('content').digest('hex'));
  await store.close();
});
