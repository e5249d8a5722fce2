import { type S3Client, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { md5Of } from './copied-tree.ts';

/** The MD5 of every file of a bucket by its key, as the SDK of Amazon tells it, without a proxy and without our provider. */
export async function sumsInBucket(client: S3Client, bucket: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (let next: string | undefined; ; ) {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: next }));
    for (const { Key = '', ETag = '' } of page.Contents ?? []) {
      if (Key.endsWith('/')) continue;
      // What was uploaded in parts has another ETag, and so its bytes are looked at.
      const sum = ETag.includes('-') ? await sumOf(client, bucket, Key) : ETag.replaceAll('"', '');
      sums.set(Key, sum);
    }
    next = page.NextContinuationToken;
    if (next === undefined) return sums;
  }
}

async function sumOf(client: S3Client, bucket: string, key: string): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return md5Of((await Body?.transformToByteArray()) ?? new Uint8Array());
}

/** Unfinished uploads, ours and those of Apache (mod_dav_fs), which no client is shown. */
const unfinished = /^\.(?:cloudfusion-upload-|davfs\.tmp)/;

/** The MD5 of every file below a directory of this machine by its path, but those that no client is shown. */
export async function sumsInDirectory(directory: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || unfinished.test(entry.name) || entry.parentPath.includes('/.DAV')) continue;
    sums.set(relative(directory, path), md5Of(await readFile(path)));
  }
  return sums;
}
