import { readdir, stat } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListObjectsV2CommandOutput,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { S3Store } from '../../src/providers/s3/s3-store.ts';
import { forEachConcurrently } from '../../src/store/for-each-concurrently.ts';
import { fileSource } from '../../src/store/source.ts';
import { startCephRadosgw } from '../../test/servers/ceph-radosgw.ts';
import { s3Oracle } from '../../test/servers/s3-oracle.ts';
import type { S3Server } from '../../test/servers/s3-server.ts';
import type { RunningServer } from '../../test/servers/server-scope.ts';
import { Line } from './line.ts';
import { runTimed } from './timed-program.ts';

/** What is below a prefix of the bucket, without the marks of directories. */
export interface Holdings {
  readonly files: number;
  readonly bytes: number;
}

const connections = 32;
/** Ceph keeps so much of a file with its name; the rest stays after a deletion until it is collected. */
const headBytes = 4 << 20;

/** The far side of the S3 mounts: a bucket at Ceph's server, and the long line to it. What is asked here does not go over the line. */
export class Bucket {
  readonly name = 'bench';
  readonly server: S3Server & RunningServer;
  readonly line: Line;
  readonly #client: S3Client;

  private constructor(server: S3Server & RunningServer, line: Line) {
    this.server = server;
    this.line = line;
    this.#client = s3Oracle(server);
  }

  /** Starts the server and the line, and makes the bucket. */
  static async start(): Promise<Bucket> {
    const server = await startCephRadosgw();
    const bucket = new Bucket(server, await Line.start(Number(new URL(server.endpoint).port)));
    await bucket.#client.send(new CreateBucketCommand({ Bucket: bucket.name }));
    return bucket;
  }

  /** The server as it is reached over the line. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.line.port}`;
  }

  /** The server as clients know it: over the line, or without it. */
  access(way: 'line' | 'direct'): S3Server {
    return { ...this.server, endpoint: way === 'line' ? this.endpoint : this.server.endpoint };
  }

  /** Counts what is below a prefix. */
  async holdings(prefix: string): Promise<Holdings> {
    let [files, bytes] = [0, 0];
    for await (const { Contents = [] } of this.#pages(prefix)) {
      for (const { Key = '', Size = 0 } of Contents.filter(({ Key }) => Key?.endsWith('/') !== true)) {
        if (Key !== '') files += 1;
        bytes += Size;
      }
    }
    return { files, bytes };
  }

  /** Puts a file, or the files of a directory, into the bucket; rclone would take minutes for 100,000. */
  async fill(from: string, to: string, signal: AbortSignal): Promise<void> {
    const { endpoint, region, accessKey: id, secretKey: secret } = this.server;
    const store = new S3Store({ bucket: this.name, id, secret, endpoint, region });
    const put = async (path: string): Promise<void> => {
      await store.write(`/${to}${path}`, await fileSource(`${from}${path}`), { signal });
    };
    try {
      const isDirectory = (await stat(from)).isDirectory();
      const paths = isDirectory ? (await readdir(from)).map((name) => `/${name}`) : [''];
      await forEachConcurrently(paths, connections, put);
    } finally {
      await store.close();
    }
  }

  /** Deletes everything below a prefix, unfinished uploads as well, and has the server give the room back. */
  async clear(prefix: string, signal: AbortSignal): Promise<void> {
    let isCollectable = await this.#abortUploads(prefix);
    for await (const { Contents = [] } of this.#pages(prefix)) {
      if (Contents.length === 0) continue;
      isCollectable ||= Contents.some(({ Size = 0 }) => Size > headBytes);
      const Objects = Contents.map(({ Key = '' }) => ({ Key }));
      await this.#client.send(new DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } }));
    }
    const collect = ['-c', `${this.server.folder}/ceph.conf`, 'gc', 'process', '--include-all'];
    if (isCollectable) await runTimed('radosgw-admin', collect, { cap: 60_000, signal });
  }

  /** Ends the line and the server. */
  async stop(): Promise<void> {
    this.#client.destroy();
    await this.line.stop();
    await this.server.stop();
  }

  /** Whether there were any. */
  async #abortUploads(prefix: string): Promise<boolean> {
    const { Uploads = [] } = await this.#client.send(
      new ListMultipartUploadsCommand({ Bucket: this.name, Prefix: prefix }),
    );
    for (const { Key, UploadId } of Uploads)
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.name, Key, UploadId }));
    return Uploads.length > 0;
  }

  #pages(prefix: string): AsyncIterable<ListObjectsV2CommandOutput> {
    return paginateListObjectsV2({ client: this.#client }, { Bucket: this.name, Prefix: prefix });
  }
}
