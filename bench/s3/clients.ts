import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { S3Store } from '../../src/providers/s3/s3-store.ts';
import { bytesSource } from '../../src/store/source.ts';
import type { Source } from '../../src/store/store.ts';

/** What is measured of each client. Sizes in bytes. */
export interface BenchClient {
  put(key: string, bytes: Uint8Array): Promise<unknown>;
  get(key: string): Promise<unknown>;
  upload(key: string, size: number): Promise<unknown>;
  download(key: string, size: number): Promise<unknown>;
  /** How many keys are in a directory. */
  list(directory: string): Promise<number>;
  close(): void | Promise<void>;
}

const bucket = 'bench';
const credentials = { accessKeyId: 'bench', secretAccessKey: 'benchsecret' };

/** Clients by their names in the table. */
export const clients: Readonly<Record<string, (endpoint: string) => Promise<BenchClient>>> = { ours, sdk, pages };

async function ours(endpoint: string): Promise<BenchClient> {
  const { accessKeyId: id, secretAccessKey: secret } = credentials;
  const store = new S3Store({ endpoint, bucket, region: 'us-east-1', id, secret, addressing: 'path' });
  return {
    put: (key, bytes) => store.write(`/${key}`, bytesSource(bytes)),
    get: (key) => consume(store.read(`/${key}`).then(({ body }) => body)),
    upload: (key, size) => store.write(`/${key}`, repeated(size)),
    download: (key) => consume(store.read(`/${key}`).then(({ body }) => body)),
    async list(directory) {
      let count = 0;
      for await (const _ of store.list(`/${directory}`)) count++;
      return count;
    },
    close: () => store.close(),
  };
}

async function sdk(endpoint: string): Promise<BenchClient> {
  const client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const read = async (Key: string): Promise<unknown> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return consume(Body as AsyncIterable<Uint8Array>);
  };
  return {
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
    get: read,
    upload: (Key, size) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: new Uint8Array(size) })),
    download: read,
    async list(directory) {
      let count = 0;
      for (let token: string | undefined; ; ) {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: `${directory}/`, ContinuationToken: token }),
        );
        count += page.Contents?.length ?? 0;
        if (page.IsTruncated !== true) return count;
        token = page.NextContinuationToken;
      }
    },
    close: () => client.destroy(),
  };
}

/** What the pages of a listing need by themselves: they are asked for one after the other, and nobody looks at them. */
async function pages(endpoint: string): Promise<BenchClient> {
  const isSecure = endpoint.startsWith('https:');
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const ask = isSecure ? secureRequest : request;
  const refuse = (): Promise<never> => Promise.reject(new TypeError('only listings are measured of it'));
  return {
    put: refuse,
    get: refuse,
    upload: refuse,
    download: refuse,
    async list(directory) {
      for (let page = 0; page < 100; page++) {
        const path = `/${bucket}?list-type=2&prefix=${directory}%2F&continuation-token=${page}`;
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          ask(endpoint + path, { agent }, resolve)
            .on('error', reject)
            .end();
        });
        await consume(response);
      }
      return 100_000;
    },
    close: () => agent.destroy(),
  };
}

async function consume(chunks: AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>): Promise<number> {
  let size = 0;
  for await (const chunk of await chunks) size += chunk.length;
  return size;
}

/** `size` bytes that take no room. */
function repeated(size: number): Source {
  const block = new Uint8Array(1 << 20).fill(66);
  return {
    size,
    slice: (start, end) => repeated(Math.max(0, Math.min(end, size) - start)),
    async *stream() {
      for (let left = size; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block;
    },
  };
}
