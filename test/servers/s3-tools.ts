import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { S3Store } from '../../src/providers/s3/s3-store.ts';
import { readBytes, readText, writeBytes } from '../../src/store/operations.ts';
import { AwsClient } from './clients/aws-client.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import { S3cmdClient } from './clients/s3cmd-client.ts';
import { s3Oracle } from './s3-oracle.ts';
import type { S3Server } from './s3-server.ts';

/** Names that clients stumble over, without line breaks, which s3cmd cannot list. */
const hostileNames: readonly string[] = [
  'plain.txt',
  'a b+c%20d%2Fe',
  `quote's "double" \`back\``,
  'ümlaut/日本 🎉/é',
  '&amp;<key>;,=#?x=1',
  "~!*'()@:$^{}[]|\\",
  ' begins with a space',
  'dots../..x/...',
  'tab\there',
  'upper/Case',
  'upper/case',
];

const part = 5 << 20;

/** Registers the tests in which others read what we wrote, and we read what others wrote. */
export function testS3Tools(server: () => S3Server): void {
  const storeIn = (bucket: string): S3Store => {
    const { accessKey: id, secretKey: secret, endpoint, region } = server();
    return new S3Store({ bucket, id, secret, endpoint, region, multipartFrom: part, partSize: part });
  };

  it("AWS's SDK reads what we wrote, and the other way round", async () => {
    const [bucket, store, oracle] = ['oracle-bucket', storeIn('oracle-bucket'), s3Oracle(server())];
    const large = Buffer.alloc(2 * part + 17, 'large content ');
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789);
    for (const name of hostileNames) await writeBytes(store, `/${name}`, `ours ${name}`, { modified });
    await writeBytes(store, '/large', large, { modified });
    assert.deepEqual(await keysOf(oracle, bucket), [...hostileNames, 'large'].toSorted());
    for (const name of hostileNames) assert.equal(String(await bytesOf(oracle, bucket, name)), `ours ${name}`);
    assert.ok(large.equals(await bytesOf(oracle, bucket, 'large')));
    const { Metadata, ETag } = await oracle.send(new HeadObjectCommand({ Bucket: bucket, Key: 'large' }));
    assert.equal(Metadata?.['mtime'], '981173106.789');
    const entry = await store.stat('/large');
    assert.ok(entry.kind === 'file' && `"${entry.revision}"` === ETag && entry.modified === modified);
    for (const Key of hostileNames)
      await oracle.send(
        new PutObjectCommand({ Bucket: bucket, Key, Body: `theirs ${Key}`, Metadata: { mtime: '1.5' } }),
      );
    for (const name of hostileNames) {
      assert.equal(await readText(store, `/${name}`), `theirs ${name}`);
      assert.equal((await store.stat(`/${name}`)).modified, 1500);
    }
    await store.delete('/upper', { recursive: true });
    assert.ok(!(await keysOf(oracle, bucket)).some((key) => key.startsWith('upper/')));
    oracle.destroy();
    await store.close();
  });

  it('an upload that was broken off leaves nothing behind', async () => {
    const [bucket, store, oracle] = ['broken-bucket', storeIn('broken-bucket'), s3Oracle(server())];
    const source = {
      size: 3 * part,
      slice: (start: number, end: number) => ({ ...source, size: end - start, start }),
      start: 0,
      async *stream() {
        if (this.start > 0) throw new Error('the source broke off');
        yield new Uint8Array(this.size);
      },
    };
    await assert.rejects(store.write('/large', source), /the source broke off/);
    const { Uploads = [] } = await oracle.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    assert.deepEqual(Uploads, []);
    oracle.destroy();
    await store.close();
  });

  it('unfinished uploads of ours are found by who began them', async () => {
    const [bucket, oracle] = ['unfinished-bucket', s3Oracle(server())];
    const { accessKey: id, secretKey: secret, endpoint, region } = server();
    const options = { bucket, id, secret, endpoint, region, multipartFrom: part, partSize: part };
    const store = new S3Store(options);
    await writeBytes(store, '/small', 'small');
    await oracle.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'left behind ß' }));
    await writeBytes(store, '/large', new Uint8Array(2 * part));
    await store.close();
    const left = async (): Promise<unknown[]> =>
      (await oracle.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];
    assert.equal((await left()).length, 1, 'it is young');
    // A day that has not come yet makes it old.
    const later = new S3Store({ ...options, unfinishedDays: -1 });
    await writeBytes(later, '/large', new Uint8Array(2 * part));
    await later.close();
    assert.equal((await left()).length, 0);
    oracle.destroy();
  });

  it('rclone, s3cmd and the command line of AWS agree with us on names, sizes and contents', async () => {
    const bucket = 'tools-bucket';
    const store = storeIn(bucket);
    await using rclone = await RcloneClient.make({ kind: 's3', ...server() });
    await using s3cmd = await S3cmdClient.make(server());
    await using aws = await AwsClient.make(server());
    const expected = hostileNames.map((name) => [name, Buffer.byteLength(`ours ${name}`)]).toSorted(byName);
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789);
    for (const name of hostileNames) await writeBytes(store, `/${name}`, `ours ${name}`, { modified });
    const listed = await rclone.list(bucket, { recursive: true });
    const files = listed.filter(({ kind }) => kind === 'file');
    assert.deepEqual(files.map(({ path, size }) => [asRcloneWrites.in(path), size]).toSorted(byName), expected);
    for (const { path, modified: time } of files) assert.equal(time?.getTime(), modified, path);
    for (const client of [s3cmd, aws])
      assert.deepEqual((await client.list(bucket)).map(({ path, size }) => [path, size]).toSorted(byName), expected);
    for (const name of hostileNames) {
      assert.equal(String(await rclone.cat(`${bucket}/${asRcloneWrites.out(name)}`)), `ours ${name}`);
      assert.equal(String(await s3cmd.cat(bucket, name)), `ours ${name}`);
    }
    assert.equal(String(await aws.cat(bucket, 'a b+c%20d%2Fe')), 'ours a b+c%20d%2Fe');
    await rclone.write(`${bucket}/by/rclone ß%.txt`, 'rclone');
    await s3cmd.write(bucket, 'by/s3cmd 🎉+.txt', 's3cmd');
    await aws.write(bucket, 'by/aws &.bin', Buffer.from([0, 1, 255]));
    assert.equal(await readText(store, '/by/rclone ß%.txt'), 'rclone');
    assert.equal(await readText(store, '/by/s3cmd 🎉+.txt'), 's3cmd');
    assert.deepEqual([...(await readBytes(store, '/by/aws &.bin'))], [0, 1, 255]);
    await store.delete('/by', { recursive: true });
    assert.equal((await aws.list(bucket)).length, hostileNames.length);
    await store.close();
  });
}

/** rclone shows control characters as pictures of them. */
const asRcloneWrites = {
  in: (name: string): string => name.replaceAll('\u2409', '\t'),
  out: (name: string): string => name.replaceAll('\t', '\u2409'),
};

function byName([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}

async function keysOf(oracle: S3Client, bucket: string): Promise<string[]> {
  const { Contents = [] } = await oracle.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key)
    .filter((key) => !key.endsWith('/'))
    .toSorted();
}

async function bytesOf(oracle: S3Client, bucket: string, key: string): Promise<Buffer> {
  const { Body } = await oracle.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}
