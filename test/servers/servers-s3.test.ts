/** Proves the S3 servers with clients that nobody here wrote: AWS's SDK and command line, rclone, s3cmd. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startCephRadosgw } from './ceph-radosgw.ts';
import { AwsClient } from './clients/aws-client.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import { S3cmdClient } from './clients/s3cmd-client.ts';
import { notInstalled } from './installed.ts';
import { s3Oracle } from './s3-oracle.ts';
import type { S3Server } from './s3-server.ts';
import { startSwiftS3 } from './swift-s3.ts';

/** What each server answers to a write on the condition that nothing is there, when something is. */
const servers = [
  { name: 'ceph-radosgw', start: startCephRadosgw, conditionalWrite: 412 },
  { name: 'swift-s3', start: startSwiftS3, conditionalWrite: 501 },
] as const;

const hostileKey = `a b/+%20&=?#'"<ß>/日本 🎉/~!*()@:;,$.txt`;

for (const { name, start, conditionalWrite } of servers)
  describe(name, { skip: notInstalled(name, 'aws', 'rclone', 's3cmd'), timeout: 300_000 }, () => {
    let server: S3Server;
    let oracle: S3Client;
    before(async () => {
      server = await start();
      oracle = s3Oracle(server);
      await oracle.send(new CreateBucketCommand({ Bucket: 'first' }));
    });
    after(async () => {
      oracle.destroy();
      await server.stop();
      await assert.rejects(fetch(server.endpoint), 'nothing answers after the stop');
    });

    const read = async (client: S3Client, key: string): Promise<string | undefined> =>
      await (await client.send(new GetObjectCommand({ Bucket: 'first', Key: key }))).Body?.transformToString();

    it("keeps what AWS's SDK writes", async () => {
      await oracle.send(new PutObjectCommand({ Bucket: 'first', Key: hostileKey, Body: 'hello' }));
      const { Contents } = await oracle.send(new ListObjectsV2Command({ Bucket: 'first' }));
      assert.deepEqual(
        Contents?.map(({ Key, Size }) => [Key, Size]),
        [[hostileKey, 5]],
      );
      assert.equal(await read(oracle, hostileKey), 'hello');
      await oracle.send(new DeleteObjectCommand({ Bucket: 'first', Key: hostileKey }));
      await assert.rejects(read(oracle, hostileKey), failure('NoSuchKey'));
    });

    it('takes an upload in parts', async () => {
      const target = { Bucket: 'first', Key: 'parts' };
      const { UploadId } = await oracle.send(new CreateMultipartUploadCommand(target));
      const bodies = ['a'.repeat(5 << 20), 'end'];
      const parts = bodies.map(async (Body, index) => {
        const part = { ...target, UploadId, PartNumber: index + 1 };
        const { ETag } = await oracle.send(new UploadPartCommand({ ...part, Body }));
        return { ETag, PartNumber: part.PartNumber };
      });
      const MultipartUpload = { Parts: await Promise.all(parts) };
      await oracle.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
      assert.equal(await read(oracle, 'parts'), bodies.join(''));
    });

    it('finds buckets by host name', async () => {
      await oracle.send(new PutObjectCommand({ Bucket: 'first', Key: 'by path', Body: 'hello' }));
      const byHost = s3Oracle(server, { virtualHost: true });
      assert.equal(await read(byHost, 'by path'), 'hello');
      byHost.destroy();
    });

    it('refuses who may not', async () => {
      const stranger = s3Oracle(server, { keys: server.other });
      await assert.rejects(read(stranger, 'by path'), failure('AccessDenied'));
      const create = new CreateBucketCommand({ Bucket: 'second' });
      await assert.rejects(stranger.send(create), failure('AccessDenied'));
      const liar = s3Oracle(server, { keys: { ...server.other, accessKey: server.accessKey } });
      await assert.rejects(read(liar, 'by path'), failure('SignatureDoesNotMatch'));
      stranger.destroy();
      liar.destroy();
    });

    it(`answers ${conditionalWrite} to a write whose condition fails`, async () => {
      const write = new PutObjectCommand({ Bucket: 'first', Key: 'by path', Body: 'other', IfNoneMatch: '*' });
      await assert.rejects(oracle.send(write), (error) => {
        assert.ok(error instanceof S3ServiceException, String(error));
        return error.$metadata.httpStatusCode === conditionalWrite;
      });
    });

    it('agrees with rclone, s3cmd and the command line of AWS', async () => {
      await using rclone = await RcloneClient.make({ kind: 's3', ...server });
      await using s3cmd = await S3cmdClient.make(server);
      await using aws = await AwsClient.make(server);
      await rclone.makeDirectory('tools');
      await rclone.write('tools/by rclone ß.txt', 'rclone');
      await s3cmd.write('tools', 'by/s3cmd 🎉.txt', 's3cmd!');
      await aws.write('tools', 'by/aws.txt', Buffer.from([0, 1, 255]));

      const expected = [
        ['by rclone ß.txt', 6],
        ['by/aws.txt', 3],
        ['by/s3cmd 🎉.txt', 6],
      ];
      for (const list of [rclone.list('tools', { recursive: true }), s3cmd.list('tools'), aws.list('tools')]) {
        const files = (await list).filter(({ kind }) => kind === 'file');
        assert.deepEqual(
          files.map(({ path, size }) => [path, size]),
          expected,
        );
      }
      assert.deepEqual(await rclone.cat('tools/by/aws.txt'), Buffer.from([0, 1, 255]));
      assert.equal((await s3cmd.cat('tools', 'by rclone ß.txt')).toString(), 'rclone');
      assert.equal((await aws.cat('tools', 'by/s3cmd 🎉.txt')).toString(), 's3cmd!');
      await assert.rejects(rclone.cat('missing/file'), /not found|NoSuchBucket/);
      await assert.rejects(s3cmd.cat('tools', 'missing'), /does not exist/);
      await assert.rejects(aws.cat('tools', 'missing'), /404/);
    });
  });

function failure(name: string): (error: unknown) => boolean {
  return (error) => error instanceof S3ServiceException && error.name === name;
}
