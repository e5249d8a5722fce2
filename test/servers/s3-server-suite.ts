import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type ConformanceRunner, type SkippedCase, testStore } from '../../src/conformance/index.ts';
import { HttpClient } from '../../src/http/http-client.ts';
import { S3Store, type S3StoreOptions } from '../../src/providers/s3/s3-store.ts';
import { forEachConcurrently } from '../../src/store/for-each-concurrently.ts';
import { readBytes, readText, writeBytes } from '../../src/store/operations.ts';
import { bytesSource } from '../../src/store/source.ts';
import { notInstalled } from './installed.ts';
import { testS3MetadataTools } from './s3-metadata-tools.ts';
import { testS3Refusals } from './s3-refusals.ts';
import type { S3Server } from './s3-server.ts';
import { testS3Tools } from './s3-tools.ts';

const part = 5 << 20;

/** Cases at a time: most of their time they wait for the server's disk. Each has a root of its own. */
const concurrency = 3;

/** A server, and what it cannot do. */
export interface S3ServerTest {
  readonly name: 'ceph-radosgw' | 'swift-s3';
  readonly start: () => Promise<S3Server>;
  readonly skip: readonly SkippedCase[];
}

/** Registers the tests of the S3 store against a server that nobody here wrote. */
export function testS3Server({ name, start, skip }: S3ServerTest): void {
  describe(`S3 at ${name}`, { skip: notInstalled(name, 'aws', 'rclone', 's3cmd'), timeout: 540_000 }, () => {
    let server: S3Server;
    before(async () => void (server = await start()));
    after(() => server?.stop());

    const options = (): S3StoreOptions => ({
      bucket: 'first-bucket',
      id: server.accessKey,
      secret: server.secretKey,
      endpoint: server.endpoint,
      region: server.region,
      root: randomUUID(),
      multipartFrom: part,
      partSize: part,
    });

    const runner: ConformanceRunner = { describe: (title, cases) => describe(title, { concurrency }, cases), it };
    testStore('passes the suite', { runner, open: () => new S3Store(options()), skip });

    it('finds its bucket by host name, and keeps names that look like paths', async () => {
      const http = new LoopbackHosts();
      const endpoint = `http://${server.domain}`;
      const store = new S3Store({ ...options(), endpoint, addressing: 'virtual', http });
      for (const path of ['/a/..b/c', '/d d/%2F+&=?#\'"<ß>/日本 🎉/~!*()@:;,$.txt']) {
        await writeBytes(store, path, path);
        assert.equal(await readText(store, path), path);
      }
      assert.ok(
        [...http.hosts].every((host) => host === `first-bucket.${server.domain}`),
        [...http.hosts].join(' '),
      );
      await store.close();
    });

    it('lists more than one page', async () => {
      const store = new S3Store(options());
      const names = Array.from({ length: 1100 }, (_, index) => `/d/${index}`);
      await forEachConcurrently(names, 16, async (path) => void (await writeBytes(store, path, 'x')));
      for (const recursive of [false, true]) {
        const entries = await Array.fromAsync(store.list('/d', { recursive }));
        assert.deepEqual(entries.map(({ path }) => path).sort(), names.toSorted());
      }
      await store.delete('/d', { recursive: true });
      assert.deepEqual(await Array.fromAsync(store.list('/')), []);
      await store.close();
    });

    it('proves uploads by MD5 and by CRC-32, and needs neither', async () => {
      for (const checksums of ['md5', 'crc32', 'sha256', 'off'] as const) {
        const store = new S3Store({ ...options(), checksums });
        const bytes = Buffer.alloc(part + 1000, checksums);
        await writeBytes(store, '/small', checksums);
        await writeBytes(store, '/large', bytes);
        assert.equal(await readText(store, '/small'), checksums);
        assert.ok(bytes.equals(await readBytes(store, '/large')), checksums);
        await store.close();
      }
    });

    it('copies in parts what is too large for one request, with its time', async () => {
      const store = new S3Store({ ...options(), maxCopySize: part });
      const bytes = Buffer.alloc(3 * part + 5, 'content ');
      const modified = Date.UTC(2001, 1, 3);
      await writeBytes(store, '/a b', Buffer.alloc(3 * part + 5, 'another '));
      for (const path of ["/ä 'large' +=&", '/a%20b']) {
        await writeBytes(store, path, bytes, { modified });
        await store.copy(path, '/copy');
        assert.ok(bytes.equals(await readBytes(store, '/copy')), path);
      }
      assert.equal((await store.stat('/copy')).modified, modified);
      await store.move('/copy', '/d/moved', { ifRevision: null });
      assert.ok(bytes.equals(await readBytes(store, '/d/moved')));
      await store.close();
    });

    it('lets the service copy what is unchanged of a file', async () => {
      const store = new S3Store(options());
      const bytes = Buffer.alloc(4 * part, 'content ');
      const { revision } = await writeBytes(store, '/large', bytes);
      const changed = Buffer.from(bytes);
      changed.write('changed', 2 * part);
      const unchanged = [
        { start: 0, end: 2 * part },
        { start: 3 * part, end: 4 * part },
      ];
      const entry = await store.write('/large', bytesSource(changed), { ifRevision: revision, unchanged });
      assert.equal((await store.stat('/large')).kind, 'file');
      assert.notEqual(entry.revision, revision);
      assert.ok(changed.equals(await readBytes(store, '/large')));
      await store.close();
    });

    testS3Tools(() => server);
    testS3MetadataTools(() => server, { keepsBytes: name === 'ceph-radosgw' });
    testS3Refusals(() => server);
  });
}

/** Looks every host name up as 127.0.0.1, and notes the names. */
class LoopbackHosts implements Pick<HttpClient, 'send' | 'close'> {
  readonly hosts: Set<string> = new Set();
  readonly #http: HttpClient = new HttpClient();

  send(request: Parameters<HttpClient['send']>[0]): ReturnType<HttpClient['send']> {
    const { host, port } = new URL(request.origin);
    this.hosts.add(host);
    return this.#http.send({ ...request, origin: `http://127.0.0.1:${port}` });
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
