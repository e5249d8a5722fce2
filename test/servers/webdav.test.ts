/** The conformance suite over WebDAV, against servers that nobody here wrote, and what independent clients see of it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type SkippedCase, testStore } from '../../src/conformance/index.ts';
import { WebdavStore } from '../../src/providers/webdav/webdav-store.ts';
import { isStoreError } from '../../src/store/errors.ts';
import { readText, writeBytes } from '../../src/store/operations.ts';
import { bytesSource } from '../../src/store/source.ts';
import type { Store } from '../../src/store/store.ts';
import { startApacheDav } from './apache-dav.ts';
import { CadaverClient } from './clients/cadaver-client.ts';
import { CurlClient } from './clients/curl-client.ts';
import type { DavServer } from './dav-server.ts';
import { notInstalled, type ServerName } from './installed.ts';
import { startLighttpdDav } from './lighttpd-dav.ts';
import { startNginxDav } from './nginx-dav.ts';
import { startSabreDav } from './sabre-dav.ts';

/** A server, and what of the suite it cannot do. */
interface Subject {
  readonly server: ServerName;
  readonly start: () => Promise<DavServer>;
  readonly skip?: readonly SkippedCase[];
}

const subjects: Readonly<Record<string, Subject>> = {
  'Apache mod_dav, Basic': { server: 'apache-dav', start: () => startApacheDav({ folder: '/files/of all' }) },
  'Apache mod_dav, Digest with nonces of a second': {
    server: 'apache-dav',
    start: () => startApacheDav({ authentication: 'digest', nonceSeconds: 1 }),
    skip: [{ test: 'a directory of 2500 files is listed whole', reason: 'it is the same with Basic' }],
  },
  'SabreDAV, Digest': {
    server: 'sabre-dav',
    start: () => startSabreDav({ authentication: 'digest' }),
    skip: [
      {
        test: 'a directory of 2500 files is listed whole',
        reason: "it passes, but PHP's own web server takes minutes",
      },
    ],
  },
  'lighttpd, Digest with SHA-256': {
    server: 'lighttpd-dav',
    start: () => startLighttpdDav({ authentication: 'digest-sha-256' }),
  },
  'nginx, Basic': {
    server: 'nginx-dav',
    start: () => startNginxDav(),
  },
};

for (const [name, { server, start, skip }] of Object.entries(subjects)) {
  describe(name, { skip: notInstalled(server), timeout: 580_000 }, () => {
    let running: DavServer;
    let cases = 0;
    before(async () => void (running = await start()));
    after(async () => await running.stop());
    const suite = (title: string, body: () => void): unknown => describe(title, { concurrency: 6 }, body);
    testStore('the suite', {
      runner: { describe: suite, it },
      open: () => storeAt(running, `case ${++cases}`),
      skip,
      timeout: 400_000,
    });
  });
}

describe('a WebDAV server and other clients', {
  skip: notInstalled('apache-dav', 'curl', 'cadaver'),
  timeout: 120_000,
}, () => {
  it('has what was written, byte for byte, for cadaver, curl and the disk', async () => {
    await using server = await startApacheDav();
    await using store = disposable(storeAt(server, 'folder'));
    await using cadaver = await CadaverClient.make({ ...server, url: `${server.url}folder/` });
    await using curl = await CurlClient.make(`${server.url}folder/`, server);
    for (const name of ['plain.txt', 'a b & c', '100%', '%41', 'a+b', 'a#b;c', 'ünïcödé', '🎉']) {
      const content = `content of ${name}`;
      await writeBytes(store, `/${name}`, content);
      assert.equal((await cadaver.cat(name)).toString(), content);
      assert.equal((await curl.request('GET', encodeURIComponent(name))).body.toString(), content);
      assert.equal(await readFile(join(server.root, 'folder', name), 'utf8'), content);
    }
    const listed = await Array.fromAsync(store.list('/'), ({ path }) => path.slice(1));
    assert.deepEqual(
      listed.sort(),
      (await cadaver.list('')).map(({ path }) => path),
    );
  });

  it('shows what others wrote, and keeps a condition against them', async () => {
    await using server = await startLighttpdDav();
    await using store = disposable(storeAt(server, ''));
    await using cadaver = await CadaverClient.make(server);
    await cadaver.makeDirectory('d');
    await cadaver.write('d/file', 'theirs');
    assert.equal(await readText(store, '/d/file'), 'theirs');
    const { revision } = await writeBytes(store, '/d/file', 'ours');
    await cadaver.write('d/file', 'theirs again');
    const late = store.write('/d/file', bytesSource('too late'), { ifRevision: revision });
    await assert.rejects(late, (error) => isStoreError(error, 'Conflict'));
    assert.equal(await readText(store, '/d/file'), 'theirs again');
  });

  it('sends on to another path, which is followed', async () => {
    await using server = await startApacheDav({ folder: '/files' });
    await using store = disposable(new WebdavStore({ ...server, url: server.movedUrl }));
    await writeBytes(store, '/d/file', 'moved');
    assert.equal(await readFile(join(server.root, 'd/file'), 'utf8'), 'moved');
  });

  it('says what is wrong', async () => {
    await using server = await startApacheDav({ folder: '/files', tls: true });
    const { url, user, password } = server;
    const cases = [
      { code: 'Unauthenticated', message: /certificate.*not trusted.*ca_file/, url },
      { code: 'Unavailable', message: /closed the connection|no HTTP|400/, url: url.replace('https', 'http') },
    ] as const;
    for (const { code, message, url } of cases)
      await assert.rejects(list(new WebdavStore({ url, user, password })), (error) => {
        return isStoreError(error, code) && message.test(error.message);
      });
    await using plain = await startApacheDav({ folder: '/files' });
    const others = [
      { code: 'Unauthenticated', message: /user or password/, url: plain.url, password: 'wrong' },
      { code: 'NotFound', message: /check the path in url/, url: `${plain.url}a/b/c/`, password: plain.password },
      { code: 'Unsupported', message: /no WebDAV at/, url: new URL('/', plain.url).href, password: plain.password },
    ] as const;
    for (const { code, message, url, password } of others)
      await assert.rejects(list(new WebdavStore({ url, user, password })), (error) => {
        assert.ok(isStoreError(error, code) && message.test(error.message), String(error));
        return true;
      });
  });
});

async function list(store: Store): Promise<void> {
  await using open = disposable(store);
  await Array.fromAsync(open.list('/'));
}

function disposable<T extends Store>(store: T): T & AsyncDisposable {
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

function storeAt({ url, user, password }: DavServer, folder: string): WebdavStore {
  return new WebdavStore({ url: `${url}${encodeURIComponent(folder)}`, user, password });
}
