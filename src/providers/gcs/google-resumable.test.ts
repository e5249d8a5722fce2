import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { FaultTarget } from '../../../test/fakes/google-storage/fault-switch.ts';
import { contentAt, type TrialBucket, trialBucket } from '../../../test/fakes/google-storage/trial-bucket.ts';
import { isStoreError } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { Resume, Source } from '../../store/store.ts';

const mebibyte = 1 << 20;
const limit = { timeout: 60_000 };
const chunk = ({ headers }: FaultTarget): boolean => /^bytes \d/.test(headers['content-range'] ?? '');

let trial: TrialBucket;
before(async () => (trial = await trialBucket()));
after(() => trial[Symbol.asyncDispose]());

/** What is saved outlives the bucket. */
class Memory implements Resume {
  saved: string | undefined;
  readonly save = (state: string | undefined): void => void (this.saved = state);
}

function requests(method: string, path: RegExp, from: number): number {
  return trial.fake.requests.slice(from).filter((request) => request.method === method && path.test(request.path))
    .length;
}

describe('resumable uploads', () => {
  it('go on where they were, whatever breaks, and keep the checksum', limit, async () => {
    const content = randomBytes(40 * mebibyte + 5);
    trial.fake.faults.add({ when: chunk, breakUploadAfter: 5 * mebibyte });
    trial.fake.faults.add({ when: chunk, persistOnly: mebibyte });
    trial.fake.faults.add({ when: chunk, answer: { status: 503 } });
    trial.fake.faults.add({ when: chunk, loseAnswer: true, times: 2 });
    const from = trial.fake.requests.length;
    await trial.open().put('broken', bytesSource(content));
    assert.equal(trial.fake.faults.left, 0);
    assert.deepEqual(contentAt(trial, 'broken'), content);
    assert.equal(requests('POST', /^\/upload/, from), 1, 'one session');
  });

  it('go on after a restart, and send what Google has not kept', limit, async () => {
    const content = randomBytes(40 * mebibyte);
    const memory = new Memory();
    const later = ({ headers }: FaultTarget): boolean =>
      headers['content-range']?.startsWith('bytes 16777216-') === true;
    trial.fake.faults.add({ when: later, answer: { status: 403 } });
    const upload = { resume: memory, ifRevision: null };
    await assert.rejects(trial.open().put('restarted', bytesSource(content), upload));
    assert.equal(contentAt(trial, 'restarted'), undefined);
    const from = trial.fake.requests.length;
    const resume = { saved: memory.saved, save: memory.save };
    const file = await trial.open().put('restarted', bytesSource(content), { ...upload, resume });
    assert.deepEqual(contentAt(trial, 'restarted'), content);
    assert.deepEqual([file.size, memory.saved], [content.length, undefined]);
    const sent = trial.fake.requests.slice(from).reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(sent < 25 * mebibyte, `${sent} bytes were sent`);
  });

  it('begin again when Google has forgotten them, and under other conditions', limit, async () => {
    const content = randomBytes(20 * mebibyte);
    const memory = new Memory();
    trial.fake.faults.add({ when: chunk, answer: { status: 403 } });
    await assert.rejects(trial.open().put('lost', bytesSource(content), { resume: memory }));
    const { saved } = memory;
    trial.fake.cloud.sessions.clear();
    await trial.open().put('lost', bytesSource(content), { resume: { saved, save: memory.save } });
    assert.deepEqual(contentAt(trial, 'lost'), content);

    trial.fake.faults.add({ when: chunk, answer: { status: 403 } });
    await assert.rejects(trial.open().put('other', bytesSource(content), { resume: memory, ifRevision: null }));
    const resume = { saved: memory.saved, save: memory.save };
    await trial.open().put('other', bytesSource(content), { resume, modified: Date.UTC(2001, 1, 1) });
    assert.equal(
      trial.fake.cloud.peek('trial')?.find('other')?.properties.metadata?.['mtime'],
      '2001-02-01T00:00:00.000Z',
    );
  });

  it('are given up when they are obsolete, or nobody could go on with them', limit, async () => {
    const content = bytesSource(randomBytes(20 * mebibyte));
    const memory = new Memory();
    trial.fake.cloud.sessions.clear();
    trial.fake.faults.add({ when: chunk, answer: { status: 403 } });
    await assert.rejects(trial.open().put('unwanted', content, { resume: memory }));
    assert.equal(trial.fake.cloud.sessions.size, 1);
    await trial.open().put('small', bytesSource('small'), { resume: { obsolete: memory.saved, save: memory.save } });
    assert.equal(trial.fake.cloud.sessions.size, 0);
    trial.fake.faults.add({ when: chunk, answer: { status: 403 } });
    await assert.rejects(trial.open().put('unwanted', content));
    assert.equal(trial.fake.cloud.sessions.size, 0);
  });

  it('never show what somebody else made in the meantime, nor what arrived damaged', limit, async () => {
    const content = randomBytes(20 * mebibyte);
    const memory = new Memory();
    trial.fake.faults.add({ when: chunk, answer: { status: 403 } });
    const upload = { resume: memory, ifRevision: null };
    await assert.rejects(trial.open().put('contested', bytesSource(content), upload));
    await trial.open().put('contested', bytesSource('theirs'));
    const resume = { saved: memory.saved, save: memory.save };
    const second = trial.open().put('contested', bytesSource(content), { ...upload, resume });
    await assert.rejects(second, (error) => isStoreError(error, 'Conflict'));
    assert.equal(contentAt(trial, 'contested')?.toString(), 'theirs');

    let reads = 0;
    const changing = (bytes: Buffer): Source => ({
      size: bytes.length,
      slice: (start, end) => changing(bytes.subarray(start, end)),
      stream: () => bytesSource(reads++ < 2 ? bytes : randomBytes(bytes.length)).stream(),
    });
    await assert.rejects(trial.open().put('damaged', changing(content)), (error) => isStoreError(error, 'Corrupt'));
    assert.equal(contentAt(trial, 'damaged'), undefined);
  });

  it('that were saved for another bucket are not asked for', limit, async () => {
    const from = trial.fake.requests.length;
    const session = '/upload/storage/v1/b/elsewhere/o?uploadType=resumable&upload_id=x';
    const saved = JSON.stringify({
      session,
      key: 'a',
      size: 20 * mebibyte,
      conditions: 'undefined undefined',
      offset: 0,
      crc: 0,
    });
    const resume = { saved, obsolete: saved, save: () => {} };
    await trial.open().put('a', bytesSource(Buffer.alloc(20 * mebibyte)), { resume });
    assert.equal(trial.fake.requests.slice(from).filter(({ path }) => path.includes('elsewhere')).length, 0);
  });
});

describe('appending', () => {
  it('sends only the end, has Google join it, and leaves nothing behind', limit, async () => {
    const before = randomBytes(20 * mebibyte);
    const after = Buffer.concat([before, randomBytes(mebibyte)]);
    const { revision } = await trial.open().put('log', bytesSource(before));
    const from = trial.fake.requests.length;
    const unchanged = [{ start: 0, end: before.length }];
    const file = await trial.open().put('log', bytesSource(after), { ifRevision: revision, unchanged, modified: 1000 });
    assert.deepEqual(contentAt(trial, 'log'), after);
    assert.deepEqual([file.size, file.modified], [after.length, 1000]);
    const since = trial.fake.requests.slice(from);
    assert.ok(since.reduce((sum, { bytes }) => sum + bytes, 0) < 2 * mebibyte);
    assert.equal(since.filter(({ path }) => path.endsWith('/compose')).length, 1);
    assert.deepEqual((await trial.open().page({ prefix: '/' })).files, []);
  });

  it('is a Conflict when the file is another by now, and leaves nothing behind either', limit, async () => {
    const before = randomBytes(10 * mebibyte);
    const after = bytesSource(Buffer.concat([before, Buffer.from('end')]));
    const { revision } = await trial.open().put('log', bytesSource(before));
    const when = ({ rawPath }: FaultTarget): boolean => rawPath.endsWith('/compose');
    trial.fake.faults.add({ when, answer: { status: 412 } });
    const unchanged = [{ start: 0, end: before.length }];
    const write = trial.open().put('log', after, { ifRevision: revision, unchanged });
    await assert.rejects(write, (error) => isStoreError(error, 'Conflict'));
    assert.deepEqual((await trial.open().page({ prefix: '/' })).files, []);
  });

  it('goes on with a large end after a restart', limit, async () => {
    const before = randomBytes(5 * mebibyte);
    const after = Buffer.concat([before, randomBytes(20 * mebibyte)]);
    const { revision } = await trial.open().put('growing', bytesSource(before));
    const memory = new Memory();
    const options = { ifRevision: revision, unchanged: [{ start: 0, end: before.length }] };
    const later = ({ headers }: FaultTarget): boolean =>
      headers['content-range']?.startsWith('bytes 16777216-') === true;
    trial.fake.faults.add({ when: later, answer: { status: 403 } });
    await assert.rejects(trial.open().put('growing', bytesSource(after), { ...options, resume: memory }));
    const from = trial.fake.requests.length;
    const resume = { saved: memory.saved, save: memory.save };
    await trial.open().put('growing', bytesSource(after), { ...options, resume });
    assert.deepEqual(contentAt(trial, 'growing'), after);
    const sent = trial.fake.requests.slice(from).reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(sent < 5 * mebibyte, `${sent} bytes were sent`);
  });

  it('finds the ends that a crash left behind long ago', limit, async () => {
    const bucket = trial.fake.cloud.peek('trial') ?? assert.fail('no bucket');
    const insert = (name: string, mtime: string): unknown =>
      bucket.insert({ name, content: Buffer.from('x'), properties: { metadata: { mtime } } });
    insert('/.cloudfusion-appended-old', new Date(Date.now() - 9 * 86_400_000).toISOString());
    insert('/.cloudfusion-appended-new', new Date().toISOString());
    await trial.open().prepare();
    assert.deepEqual(
      (await trial.open().page({ prefix: '/' })).files.map(({ key }) => key),
      ['/.cloudfusion-appended-new'],
    );
    await trial.open().delete('/.cloudfusion-appended-new');
  });
});
