import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FaultTarget } from '../../../test/fakes/google-storage/fault-switch.ts';
import { contentAt, type TrialBucket, trialBucket } from '../../../test/fakes/google-storage/trial-bucket.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { StoredDownload } from '../bucket/bucket.ts';

const limit = { timeout: 30_000 };

let trial: TrialBucket;
before(async () => (trial = await trialBucket()));
after(() => trial[Symbol.asyncDispose]());

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

async function bytesOf(download: StoredDownload | undefined): Promise<Buffer> {
  assert.ok(download !== undefined);
  return Buffer.concat(await Array.fromAsync(download.body));
}

describe('access tokens', () => {
  it('are asked for once by many calls, and renewed once when they are not accepted any more', limit, async () => {
    const bucket = trial.open();
    const before = trial.fake.accounts.issued;
    await Promise.all(Array.from({ length: 10 }, (_, index) => bucket.put(`many/${index}`, bytesSource('x'))));
    assert.equal(trial.fake.accounts.issued - before, 1);
    trial.fake.accounts.expireTokens();
    await Promise.all(Array.from({ length: 10 }, (_, index) => bucket.head(`many/${index}`)));
    assert.equal(trial.fake.accounts.issued - before, 2);
  });

  it('that end are renewed before', limit, async () => {
    trial.fake.accounts.lifetime = 30;
    const bucket = trial.open();
    const before = trial.fake.accounts.issued;
    await bucket.head('a');
    trial.fake.accounts.lifetime = 3600;
    await bucket.head('a');
    await bucket.head('a');
    assert.equal(trial.fake.accounts.issued - before, 2);
  });

  it('that an aborted call waited for still come to the others', limit, async () => {
    const bucket = trial.open();
    const leaving = new AbortController();
    const aborted = bucket.head('a', { signal: leaving.signal });
    const other = bucket.head('a');
    leaving.abort(new Error('left'));
    await assert.rejects(aborted, /left/);
    assert.equal(await other, undefined);
  });
});

describe('writes', () => {
  it('that are repeated after a lost answer recognise their own work', limit, async () => {
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.startsWith('/upload'), loseAnswer: true });
    const { revision } = await trial.open().put('once', bytesSource('content'), { ifRevision: null });
    assert.equal(trial.fake.cloud.peek('trial')?.find('once')?.generation, revision);
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.startsWith('/upload'), loseAnswer: true });
    await trial.open().put('taken', bytesSource('theirs'));
    const second = trial.open().put('taken', bytesSource('ours'), { ifRevision: null });
    await assert.rejects(second, failsWith('Conflict'));
  });

  it('obey Retry-After', limit, async () => {
    trial.fake.faults.add({
      when: ({ rawPath }) => rawPath.startsWith('/upload'),
      answer: { status: 429, retryAfter: 1 },
    });
    const began = performance.now();
    await trial.open().put('late', bytesSource('x'));
    assert.ok(performance.now() - began > 990);
  });

  it('keep times that rclone and gsutil keep, and write them as rclone does', limit, async () => {
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789);
    await trial.open().put('time', bytesSource('x'), { modified });
    const bucket = trial.fake.cloud.peek('trial') ?? assert.fail('no bucket');
    assert.equal(bucket.find('time')?.properties.metadata?.['mtime'], '2001-02-03T04:05:06.789Z');
    const foreign = [
      { mtime: '2001-02-03T04:05:06.789123456Z' },
      { mtime: '981173106.789' },
      { 'goog-reserved-file-mtime': '981173106' },
    ];
    for (const metadata of foreign) {
      bucket.insert({ name: 'foreign', content: Buffer.from('x'), properties: { metadata } });
      const time = 'mtime' in metadata ? modified : modified - 789;
      assert.equal((await trial.open().head('foreign'))?.modified, time);
    }
  });
});

describe('reads', () => {
  const media = ({ query }: FaultTarget): boolean => query.get('alt') === 'media';

  it('notice what was damaged, and what broke off', limit, async () => {
    const content = randomBytes(3 << 20);
    await trial.open().put('read', bytesSource(content));
    trial.fake.faults.add({ when: media, corruptDownload: true });
    await assert.rejects(trial.open().get('read').then(bytesOf), failsWith('Corrupt'));
    trial.fake.faults.add({ when: media, breakDownloadAfter: 1 << 20 });
    await assert.rejects(trial.open().get('read').then(bytesOf), failsWith('Unavailable'));
    assert.deepEqual(await bytesOf(await trial.open().get('read')), content);
    assert.deepEqual(await bytesOf(await trial.open().get('read', { offset: 5, length: 10 })), content.subarray(5, 15));
  });

  it('cost one request for a version that was seen, two for one that was not', limit, async () => {
    const bucket = trial.open();
    const { revision } = await bucket.put('seen', bytesSource('x'), { modified: 5000 });
    let from = trial.fake.requests.length;
    assert.equal((await bucket.get('seen', { ifRevision: revision }))?.file.modified, 5000);
    assert.equal(trial.fake.requests.length - from, 1);
    const fresh = trial.open();
    await fresh.head('seen');
    from = trial.fake.requests.length;
    await trial.open().get('seen').then(bytesOf);
    assert.equal(trial.fake.requests.slice(from).filter(({ method }) => method === 'GET').length, 2);
  });

  it('deliver what is stored compressed as it is stored', limit, async () => {
    const content = gzipSync(Buffer.from('text '.repeat(1000)));
    const bucket = trial.fake.cloud.peek('trial') ?? assert.fail('no bucket');
    bucket.insert({ name: 'packed', content, properties: { contentEncoding: 'gzip', contentType: 'text/plain' } });
    const download = await trial.open().get('packed');
    assert.equal(download?.file.size, content.length);
    assert.deepEqual(await bytesOf(download), content);
    assert.deepEqual(await bytesOf(await trial.open().get('packed', { offset: 3, length: 4 })), content.subarray(3, 7));
  });
});

describe('deletions of many', () => {
  it('go by the hundred, and those that fail for the moment are tried again alone', limit, async () => {
    const keys = Array.from({ length: 150 }, (_, index) => `batch/${index} ü%+`);
    for (const key of keys) await trial.open().put(key, bytesSource('x'));
    const from = trial.fake.requests.length;
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.includes('batch%2F7%20'), answer: { status: 503 } });
    await trial.open().deleteAll([...keys, 'absent']);
    const batches = trial.fake.requests.slice(from).filter(({ path }) => path === '/batch/storage/v1');
    const [first, again, rest] = batches.map(({ bytes }) => bytes);
    assert.deepEqual([batches.length, trial.fake.faults.left], [3, 0]);
    assert.ok((again ?? 0) < 500 && (rest ?? 0) > 500 && (first ?? 0) > (rest ?? 0), 'only one was tried again');
    assert.deepEqual((await trial.open().page({ prefix: 'batch/' })).files, []);
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath === '/batch/storage/v1', answer: { status: 503 } });
    await trial.open().deleteAll(['once', 'taken']);
    assert.equal(contentAt(trial, 'once'), undefined);
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.endsWith('/late'), answer: { status: 403 } });
    await assert.rejects(trial.open().deleteAll(['late', 'time']), failsWith('PermissionDenied'));
    assert.equal(contentAt(trial, 'time'), undefined);
  });
});

describe('copies', () => {
  it('are continued until Google is done, and are of the version that was meant', limit, async () => {
    const bucket = trial.open();
    const content = randomBytes(3 << 20);
    const from = await bucket.put('from', bytesSource(content), { modified: 1234 });
    trial.fake.cloud.rewriteBytes = 1 << 20;
    const copy = await bucket.copy(from, 'to', { ifRevision: null });
    trial.fake.cloud.rewriteBytes = Infinity;
    assert.deepEqual([copy.modified, copy.size], [1234, content.length]);
    assert.deepEqual(contentAt(trial, 'to'), content);
    await assert.rejects(bucket.copy(from, 'to', { ifRevision: null }), failsWith('Conflict'));
    await bucket.put('from', bytesSource('another'));
    await assert.rejects(bucket.copy(from, 'elsewhere'), failsWith('NotFound'));
  });
});
