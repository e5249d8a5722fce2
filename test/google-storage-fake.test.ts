/**
 * Proves the fake of Google Cloud Storage by Google's own client library: what the library does over the JSON API works here,
 * and it understands the refusals.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type ApiError, type Bucket, IdempotencyStrategy, Storage } from '@google-cloud/storage';
import type { FaultTarget } from './fakes/google-storage/fault-switch.ts';
import { GoogleStorageFake, owner } from './fakes/google-storage/google-storage-fake.ts';

const limit = { timeout: 30_000 };
const mebibyte = 1 << 20;
const scope = 'https://www.googleapis.com/auth/devstorage.read_write';

let fake: GoogleStorageFake;
let storage: Storage;
let bucket: Bucket;

before(async () => {
  fake = await GoogleStorageFake.start();
  storage = clientWith(fake.accounts.issueToken(owner, [scope]));
  bucket = storage.bucket('first-bucket');
  await bucket.create();
});

after(() => fake.close());

/** The library with a token: its own way to one leads to Google's servers. */
function clientWith(accessToken: string): Storage {
  const client = new Storage({
    apiEndpoint: fake.origin,
    projectId: owner.project,
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways },
  });
  const request: Interception = (options) => {
    const headers = { ...options.headers, Authorization: `Bearer ${accessToken}` };
    return { ...options, headers } as ReturnType<Interception>;
  };
  client.interceptors.push({ request });
  return client;
}

type Interception = Storage['interceptors'][number]['request'];

async function refusal(call: Promise<unknown>): Promise<{ code: number | undefined; reason: string | undefined }> {
  const error = await call.then(
    () => assert.fail('the call succeeded'),
    (error: unknown) => error as ApiError & { readonly status?: number },
  );
  return { code: error.code ?? error.status, reason: error.errors?.[0]?.reason };
}

describe('uploads and downloads', () => {
  it('in one request, with metadata and both checksums', limit, async () => {
    const file = bucket.file('a/simple file.txt');
    const metadata = { contentType: 'text/plain', metadata: { mtime: '2020-01-02T03:04:05.678Z' } };
    await file.save('simple', { resumable: false, metadata });
    const [content] = await file.download();
    const [described] = await file.getMetadata();
    assert.equal(content.toString(), 'simple');
    assert.equal(described.md5Hash, createHash('md5').update('simple').digest('base64'));
    assert.deepEqual(described.metadata, metadata.metadata);
    assert.deepEqual([described.size, described.contentType], ['6', 'text/plain']);
  });

  it('resumable, in chunks', limit, async () => {
    const content = randomBytes(2 * mebibyte + 17);
    const file = bucket.file('resumable');
    await file.save(content, { resumable: true, chunkSize: mebibyte / 2 });
    assert.deepEqual((await file.download())[0], content);
    assert.equal(fake.requestsTo('PUT', /first-bucket\/o$/).length, 5);
  });

  it('resumable, although connections break and less is kept than was sent', limit, async () => {
    const content = randomBytes(2 * mebibyte);
    const chunk = ({ headers }: FaultTarget): boolean => /^bytes \d/.test(headers['content-range'] ?? '');
    fake.faults.add({ when: chunk, breakUploadAfter: 300_000 });
    fake.faults.add({ when: chunk, persistOnly: mebibyte / 4 });
    const file = bucket.file('interrupted');
    await file.save(content, { resumable: true, chunkSize: mebibyte });
    assert.deepEqual((await file.download())[0], content);
    assert.equal(fake.faults.left, 0);
  });

  it('of a part of a file', limit, async () => {
    const file = bucket.file('part');
    await file.save('0123456789', { resumable: false });
    assert.equal((await file.download({ start: 2, end: 4, validation: false }))[0].toString(), '234');
    assert.equal((await refusal(file.download({ start: 10, end: 12, validation: false }))).code, 416);
  });

  it('with a wrong checksum are refused', limit, async () => {
    const wrong = { resumable: false, metadata: { md5Hash: createHash('md5').update('other').digest('base64') } };
    const { code, reason } = await refusal(bucket.file('wrong').save('this', wrong));
    assert.deepEqual([code, reason], [400, 'invalid']);
    assert.deepEqual(await bucket.file('wrong').exists(), [false]);
  });

  it('keep hostile names', limit, async () => {
    const names = ['a b+c%2Fd', '../x', 'ünïcödé 🎉', 'q?#&=', 'a/./b//c', '"<\'\\>', '%'];
    for (const name of names) await bucket.file(`names/${name}`).save(name, { resumable: false });
    const [files] = await bucket.getFiles({ prefix: 'names/' });
    assert.deepEqual(files.map(({ name }) => name).sort(), names.map((name) => `names/${name}`).sort());
    for (const name of names) assert.equal((await bucket.file(`names/${name}`).download())[0].toString(), name);
  });
});

describe('listings', () => {
  it('have delimiters and pages, in the order of bytes', limit, async () => {
    const names = ['l/\uffee', 'l/🎉', 'l/b', 'l/dir/1', 'l/dir/2', 'l/a', 'l/dir2/x'];
    for (const name of names) await bucket.file(name).save('x', { resumable: false });
    const found: string[] = [];
    let pageToken: string | undefined;
    do {
      const question = {
        prefix: 'l/',
        delimiter: '/',
        maxResults: 2,
        autoPaginate: false,
        ...(pageToken && { pageToken }),
      };
      const [files, next, answer] = await bucket.getFiles(question);
      const { prefixes = [] } = answer as { prefixes?: string[] };
      assert.ok(files.length + prefixes.length <= 2);
      found.push(...files.map(({ name }) => name), ...prefixes);
      pageToken = (next as { pageToken?: string } | null)?.pageToken;
    } while (pageToken !== undefined);
    assert.deepEqual(found, ['l/a', 'l/b', 'l/dir/', 'l/dir2/', 'l/\uffee', 'l/🎉']);
  });

  it('tell only the fields that are asked for, from an offset on', limit, async () => {
    const [files, , answer] = await bucket.getFiles({
      prefix: 'l/',
      startOffset: 'l/dir2',
      fields: 'items(name,size)',
      autoPaginate: false,
    });
    assert.equal(files.length, 3);
    assert.deepEqual((answer as { items: unknown[] }).items[0], { name: 'l/dir2/x', size: '1' });
  });
});

describe('changes', () => {
  it('copy, move and rename', limit, async () => {
    const file = bucket.file('from');
    await file.save('content', { resumable: false, metadata: { metadata: { key: 'value' } } });
    fake.cloud.rewriteBytes = 3;
    await file.copy(bucket.file('copied'));
    fake.cloud.rewriteBytes = Infinity;
    await file.move(bucket.file('moved'));
    await bucket.file('moved').moveFileAtomic('renamed');
    const exists = await Promise.all(['from', 'moved'].map((name) => bucket.file(name).exists()));
    assert.deepEqual(exists, [[false], [false]]);
    for (const name of ['copied', 'renamed']) {
      assert.equal((await bucket.file(name).download())[0].toString(), 'content');
      assert.deepEqual((await bucket.file(name).getMetadata())[0].metadata, { key: 'value' });
    }
    assert.ok(fake.requestsTo('POST', /copied$/).length >= 3, 'the rewrite took several calls');
  });

  it('compose files, whose checksum the library verifies', limit, async () => {
    for (const part of ['1', '2', '3']) await bucket.file(`parts/${part}`).save(part.repeat(3), { resumable: false });
    const parts = ['1', '2', '3'].map((part) => `parts/${part}`);
    await bucket.combine(parts, 'whole');
    const [metadata] = await bucket.file('whole').getMetadata();
    assert.equal((await bucket.file('whole').download())[0].toString(), '111222333');
    assert.deepEqual([metadata.componentCount, metadata.md5Hash], [3, undefined]);
  });

  it('patch and delete', limit, async () => {
    const file = bucket.file('patched');
    await file.save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });
    const [{ metageneration }] = await file.setMetadata({ metadata: { a: null, c: '3' }, contentType: 'text/html' });
    assert.equal(metageneration, '2');
    assert.deepEqual((await file.getMetadata())[0].metadata, { b: '2', c: '3' });
    await file.delete();
    assert.deepEqual(await refusal(file.delete()), { code: 404, reason: 'notFound' });
  });

  it('keep preconditions', limit, async () => {
    const file = bucket.file('conditional');
    const failed = { code: 412, reason: 'conditionNotMet' };
    const onlyNew = { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } };
    await file.save('first', onlyNew);
    assert.deepEqual(await refusal(file.save('second', onlyNew)), failed);
    const generation = Number((await file.getMetadata())[0].generation);
    assert.deepEqual(await refusal(bucket.file('conditional').delete({ ifGenerationMatch: generation + 1 })), failed);
    await file.save('third', { resumable: true, preconditionOpts: { ifGenerationMatch: generation } });
    assert.equal((await file.download())[0].toString(), 'third');
    const late = { resumable: true, preconditionOpts: { ifGenerationMatch: generation } };
    assert.equal((await refusal(file.save('fourth', late))).code, 412);
  });
});

describe('refusals', () => {
  it('say why: no bucket, a bad or foreign name, no right, an expired token', limit, async () => {
    fake.cloud.makeBucket('their-bucket', 'project-two');
    const reader = clientWith(fake.accounts.issueToken({ ...owner, canWrite: false }, [scope]));
    const write = (client: Storage, name: string) => client.bucket(name).file('x').save('x', { resumable: false });
    assert.deepEqual(await refusal(write(storage, 'no-such-bucket')), { code: 404, reason: 'notFound' });
    assert.deepEqual(await refusal(write(storage, 'their-bucket')), { code: 403, reason: 'forbidden' });
    assert.deepEqual(await refusal(write(reader, 'first-bucket')), { code: 403, reason: 'forbidden' });
    assert.deepEqual(await refusal(storage.createBucket('their-bucket')), { code: 409, reason: 'conflict' });
    assert.deepEqual(await refusal(storage.createBucket('my_google_bucket')), { code: 400, reason: 'invalid' });
    const expired = clientWith('ya29.expired');
    assert.equal((await refusal(expired.bucket('first-bucket').getMetadata())).code, 401);
  });

  it('are repeated by the library when they pass', limit, async () => {
    fake.faults.add({ answer: { status: 429, retryAfter: 0 }, when: ({ method }) => method === 'GET' });
    const [metadata] = await bucket.getMetadata();
    assert.equal(metadata.name, 'first-bucket');
    assert.equal(fake.faults.left, 0);
  });
});
