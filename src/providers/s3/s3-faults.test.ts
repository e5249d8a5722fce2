/** What S3 servers do wrong now and then, and what a store makes of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { s3Error, ScriptedS3 } from '../../../test/fakes/s3/scripted-s3.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readBytes, readText, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import { S3Store, type S3StoreOptions } from './s3-store.ts';

const timeout = 30_000;

function storeAt(fake: ScriptedS3, options: Partial<S3StoreOptions> = {}): S3Store {
  return new S3Store({
    bucket: 'bucket',
    id: 'id',
    secret: 'secret',
    endpoint: fake.endpoint,
    variables: {},
    retry: { firstDelay: 1, attempts: 4 },
    ...options,
  });
}

function fails(code: StoreErrorCode, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isStoreError(error, code), String(error));
    assert.match(error.message, words);
    return true;
  };
}

describe('answers that fail for the moment', { timeout }, () => {
  it('503 SlowDown, 500 InternalError and a lost connection are repeated', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    for (const fault of [s3Error(503, 'SlowDown'), s3Error(500, 'InternalError'), 'lost' as const])
      fake.fault(1, ({ method }) => (method === 'PUT' ? fault : undefined));
    await writeBytes(store, '/file', 'content');
    assert.equal(await readText(store, '/file'), 'content');
    assert.ok(fake.requests(/^PUT/).length >= 4);
    await store.close();
  });

  it('a service that never recovers is RateLimited in the end, with the time that it asks for', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { retry: { attempts: 1 } });
    fake.faults.push(({ method }) =>
      method === 'PUT' ? s3Error(503, 'SlowDown', '', { 'retry-after': '7' }) : undefined,
    );
    await assert.rejects(writeBytes(store, '/file', 'content'), (error) => {
      assert.ok(isStoreError(error, 'RateLimited'), String(error));
      return error.retryAfter === 7000;
    });
    await store.close();
  });

  it('an error inside a successful answer is one', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { multipartFrom: 5 << 20, partSize: 5 << 20 });
    const inside = { ...s3Error(200, 'InternalError'), status: 200 };
    fake.fault(1, ({ method, query }) => (method === 'POST' && query.has('uploadId') ? inside : undefined));
    await writeBytes(store, '/large', new Uint8Array(6 << 20));
    assert.equal(fake.requests(/^POST .*uploadId/).length, 2);
    fake.faults.push(({ headers }) =>
      headers['x-amz-copy-source'] === undefined ? undefined : { ...s3Error(200, 'AccessDenied'), status: 200 },
    );
    await writeBytes(store, '/file', 'content');
    await assert.rejects(store.copy('/file', '/copy'), fails('PermissionDenied', /AccessDenied/));
    await store.close();
  });

  it('spaces before the XML of a late answer are none of it', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { multipartFrom: 5 << 20, partSize: 5 << 20 });
    const body = `\n\n   \n<?xml version="1.0"?><CompleteMultipartUploadResult><ETag>"abc-2"</ETag></CompleteMultipartUploadResult>`;
    fake.fault(1, ({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? { status: 200, body } : undefined,
    );
    assert.equal((await writeBytes(store, '/large', new Uint8Array(6 << 20))).revision, 'abc-2');
    await store.close();
  });

  it('keys that could not be deleted are told, those that were gone are not', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    for (const name of ['a', 'b']) await writeBytes(store, `/d/${name}`, name);
    const failed = (code: string): string => `<Error><Key>d/a</Key><Code>${code}</Code><Message>no</Message></Error>`;
    const answer = (errors: string) => ({ status: 200, body: `<DeleteResult>${errors}</DeleteResult>` });
    let errors = failed('AccessDenied');
    fake.faults.push(({ query }) => (query.has('delete') ? answer(errors) : undefined));
    await assert.rejects(
      store.delete('/d', { recursive: true }),
      fails('PermissionDenied', /1 of the files could not/),
    );
    errors = failed('NoSuchKey');
    await store.delete('/d', { recursive: true });
    await store.close();
  });
});

describe('bytes that are not what they should be', { timeout }, () => {
  it('a body that was cut off is asked for again', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    await writeBytes(store, '/file', 'content');
    const headers = { 'content-length': '7', etag: '"x"' };
    fake.fault(1, ({ method }) => (method === 'GET' ? { status: 200, headers, body: 'con', cut: true } : undefined));
    assert.equal(await readText(store, '/file'), 'content');
    await store.close();
  });

  it('a small file that is not what was stored is read again, and Corrupt when it stays so', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    const { revision } = await writeBytes(store, '/file', 'content');
    const wrong = { status: 200, headers: { etag: `"${revision}"` }, body: 'cOntent' };
    fake.fault(1, ({ method, path }) => (method === 'GET' && path === '/bucket/file' ? wrong : undefined));
    assert.equal(await readText(store, '/file'), 'content');
    fake.faults.push(({ method, path }) => (method === 'GET' && path === '/bucket/file' ? wrong : undefined));
    await assert.rejects(readBytes(store, '/file'), fails('Corrupt', /md5/));
    assert.equal(await readText(storeAt(fake, { checksums: 'off' }), '/file'), 'cOntent');
    await store.close();
  });

  it('a large file that is not what was stored is Corrupt behind its last byte', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    const bytes = Buffer.alloc(3 << 20, 1);
    const { revision } = await writeBytes(store, '/file', bytes);
    const wrong = { status: 200, headers: { etag: `"${revision}"` }, body: Buffer.alloc(3 << 20, 2) };
    fake.faults.push(({ method, path }) => (method === 'GET' && path === '/bucket/file' ? wrong : undefined));
    await assert.rejects(readBytes(store, '/file'), fails('Corrupt', /md5/));
    await store.close();
  });

  it('CRC-32 goes with uploads and is compared with downloads, where it is wanted', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { checksums: 'crc32' });
    await writeBytes(store, '/file', '123456789');
    assert.equal(fake.requests(/^PUT .*file/)[0]?.headers['x-amz-checksum-crc32'], 'y/Q5Jg==');
    const headers = { etag: '"kms"', 'x-amz-checksum-crc32': 'y/Q5Jg==' };
    fake.faults.push(({ method, path }) =>
      method === 'GET' && path === '/bucket/file' ? { status: 200, headers, body: '123456780' } : undefined,
    );
    await assert.rejects(readBytes(store, '/file'), fails('Corrupt', /crc32/));
    assert.equal(fake.requests(/^GET .*file/)[0]?.headers['x-amz-checksum-mode'], 'ENABLED');
    await store.close();
  });

  it('a listing that was cut off, is no XML, or does not say where it goes on is never a short one', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { retry: { attempts: 1 } });
    await writeBytes(store, '/file', 'content');
    for (const body of [
      '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key>',
      '<html><body>log in</body></html>',
      '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>',
      '',
    ]) {
      fake.fault(1, ({ query }) => (query.has('list-type') ? { status: 200, body } : undefined));
      await assert.rejects(Array.fromAsync(store.list('/')), (error) => isStoreError(error, 'Unavailable'), body);
    }
    await store.close();
  });
});

describe('pages of a listing', { timeout }, () => {
  const names = Array.from({ length: 2500 }, (_, index) => String(index).padStart(4, '0'));
  const withFiles = async (): Promise<ScriptedS3> => {
    const fake = await ScriptedS3.start();
    for (const name of names) fake.keys.stored.set(`d/${name}`, { bytes: Buffer.alloc(0), etag: '"e"', headers: {} });
    return fake;
  };
  const pagesAsked = (fake: ScriptedS3): number => fake.requests(/^GET .*list-type=2.*prefix=d%2F/).length;

  it('are asked for in advance, each once, and again when one did not come whole', async () => {
    await using fake = await withFiles();
    const store = storeAt(fake);
    const list = async (): Promise<string[]> =>
      (await Array.fromAsync(store.list('/d', { recursive: true }))).map(({ path }) => path.slice(3));
    assert.deepEqual(await list(), names);
    assert.equal(pagesAsked(fake), 3);
    const short = { status: 200, body: '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>d/' };
    fake.fault(1, ({ query }) => (query.has('continuation-token') ? short : undefined));
    assert.deepEqual(await list(), names);
    assert.equal(pagesAsked(fake), 3 + 4);
    fake.fault(9, ({ query }) => (query.has('continuation-token') ? s3Error(403, 'AccessDenied') : undefined));
    await assert.rejects(list(), fails('PermissionDenied', /rights to the bucket/));
    await store.close();
  });

  it('are not asked for any more when their receiver leaves', async () => {
    await using fake = await withFiles();
    const store = storeAt(fake);
    for await (const _ of store.list('/d')) break;
    await store.close();
    assert.ok(pagesAsked(fake) <= 2, `${pagesAsked(fake)} pages were asked for`);
  });
});

describe('a clock that is wrong', { timeout }, () => {
  it('is corrected from the date of the service, after HEAD too', async () => {
    await using fake = await ScriptedS3.start();
    const ahead = Date.now() + 3_600_000;
    fake.faults.push(({ headers, method }) => {
      const time = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
      if (Math.abs(Date.parse(time) - ahead) < 900_000) return undefined;
      const date = { date: new Date(ahead).toUTCString() };
      return method === 'HEAD' ? { status: 403, headers: date } : s3Error(403, 'RequestTimeTooSkewed', '', date);
    });
    const store = storeAt(fake);
    await writeBytes(store, '/file', 'content');
    assert.equal((await store.stat('/file')).kind, 'file');
    assert.equal(
      fake
        .requests(/./)
        .filter(
          ({ headers }) =>
            !String(headers['x-amz-date']).startsWith(new Date(ahead).toISOString().slice(0, 10).replaceAll('-', '')),
        ).length <= 1,
      true,
    );
    await store.close();
  });

  it('that cannot be corrected is told', async () => {
    await using fake = await ScriptedS3.start();
    fake.faults.push(() => s3Error(403, 'RequestTimeTooSkewed'));
    await assert.rejects(storeAt(fake).stat('/file'), fails('Unauthenticated', /clock of this computer/));
  });
});

describe('conditions', { timeout }, () => {
  it('are kept by looking where the service answers 501, and are not sent again', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake);
    fake.faults.push(({ method, headers }) =>
      method === 'PUT' && headers['if-none-match'] !== undefined ? s3Error(501, 'NotImplemented') : undefined,
    );
    await store.write('/a', bytesSource('one'), { ifRevision: null });
    await store.write('/b', bytesSource('two'), { ifRevision: null });
    assert.equal(fake.requests(/^PUT/).filter(({ headers }) => headers['if-none-match'] !== undefined).length, 1);
    await assert.rejects(store.write('/b', bytesSource('three'), { ifRevision: null }), fails('Conflict', /revision/));
    assert.equal(await readText(store, '/b'), 'two');
    await store.close();
  });

  it('are refused with what to set where the service was said to keep them', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { preconditions: 'atomic' });
    fake.faults.push(({ headers }) =>
      headers['if-none-match'] === undefined ? undefined : s3Error(501, 'NotImplemented'),
    );
    await assert.rejects(
      store.write('/a', bytesSource('one'), { ifRevision: null }),
      fails('Unsupported', /preconditions = checked/),
    );
    await store.close();
  });

  it('a conditional write whose answer was lost is no conflict with itself', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { preconditions: 'atomic' });
    fake.fault(1, ({ method }) => (method === 'PUT' ? 'lost' : undefined));
    const { revision } = await store.write('/a', bytesSource('one'), { ifRevision: null });
    assert.equal((await store.stat('/a')).kind, 'file');
    fake.fault(1, ({ method }) => (method === 'PUT' ? 'lost' : undefined));
    await store.write('/a', bytesSource('two'), { ifRevision: revision });
    assert.equal(await readText(store, '/a'), 'two');
    await store.close();
  });

  it('If-Match on a key that is gone is a conflict', async () => {
    await using fake = await ScriptedS3.start();
    const store = storeAt(fake, { preconditions: 'atomic' });
    const gone = store.write('/a', bytesSource('one'), { ifRevision: 'gone' });
    await assert.rejects(gone, fails('Conflict', /does not exist/));
    await store.close();
  });
});
