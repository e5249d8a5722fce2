/** Proves the WebDAV servers with clients that nobody here wrote: litmus, curl, cadaver, rclone. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startApacheDav } from './apache-dav.ts';
import { CadaverClient } from './clients/cadaver-client.ts';
import { CurlClient } from './clients/curl-client.ts';
import { runLitmus } from './clients/litmus-client.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import type { DavAuthentication, DavServer } from './dav-server.ts';
import { notInstalled } from './installed.ts';
import { startLighttpdDav } from './lighttpd-dav.ts';
import { type DavServerName, litmusExpected } from './litmus-expected.ts';
import { startNginxDav } from './nginx-dav.ts';
import { startSabreDav } from './sabre-dav.ts';

interface Proof<Authentication extends DavAuthentication> {
  readonly name: DavServerName;
  readonly start: (options: { authentication: Authentication | 'none' }) => Promise<DavServer>;
  readonly authentications: readonly Authentication[];
  /** What it answers to a listing of everything. */
  readonly infinity: number;
}

const timeout = 120_000;

prove({ name: 'apache-dav', start: startApacheDav, authentications: ['basic', 'digest'], infinity: 207 });
prove({ name: 'sabre-dav', start: startSabreDav, authentications: ['basic', 'digest'], infinity: 207 });
prove({ name: 'nginx-dav', start: startNginxDav, authentications: ['basic'], infinity: 403 });
const all = ['basic', 'digest', 'digest-sha-256'] as const;
prove({ name: 'lighttpd-dav', start: startLighttpdDav, authentications: all, infinity: 403 });

function prove<Authentication extends DavAuthentication>(proof: Proof<Authentication>): void {
  const { name, start, authentications, infinity } = proof;
  describe(name, { skip: notInstalled(name, 'litmus', 'curl', 'cadaver', 'rclone'), timeout }, () => {
    it('does with litmus what is known', async () => {
      const { results } = litmusExpected[name];
      await using server = await start({ authentication: 'none' });
      const suites = Object.keys(results) as (keyof typeof results)[];
      assert.deepEqual(await runLitmus(server.url, suites), results);
    });

    for (const authentication of authentications)
      it(`asks for ${authentication}`, async () => {
        await using server = await start({ authentication });
        await asks(server, authentication);
        await stores(server);
        if (authentication !== 'digest-sha-256') await worksWithCadaver(server);
        if (authentication === 'basic') await worksWithRclone(server);
      });

    it(`answers ${infinity} to a listing of everything`, async () => {
      await using server = await start({ authentication: 'none' });
      await using curl = await CurlClient.make(server.url);
      const { status } = await curl.request('PROPFIND', '', { headers: { Depth: 'infinity' } });
      assert.equal(status, infinity);
    });
  });
}

async function asks(server: DavServer, authentication: DavAuthentication): Promise<void> {
  await using nobody = await CurlClient.make(server.url);
  const { status, headers } = await nobody.request('GET', 'a');
  assert.equal(status, 401);
  const challenge = {
    none: /^$/,
    basic: /^Basic /,
    digest: /^Digest (?!.*SHA)/,
    'digest-sha-256': /^Digest .*SHA-256/,
  };
  assert.match(headers['www-authenticate'] ?? '', challenge[authentication]);
  await using liar = await CurlClient.make(server.url, { ...server, password: 'wrong' });
  assert.equal((await liar.request('GET', 'a')).status, 401);
}

async function stores(server: DavServer): Promise<void> {
  await using curl = await CurlClient.make(server.url, server);
  assert.equal((await curl.request('MKCOL', 'by%20curl/')).status, 201);
  assert.equal((await curl.request('PUT', 'by%20curl/%C3%9F%25.txt', { body: 'hello' })).status, 201);
  assert.equal(await readFile(join(server.root, 'by curl/ß%.txt'), 'utf8'), 'hello');
  assert.equal((await curl.request('GET', 'by%20curl/%C3%9F%25.txt')).body.toString(), 'hello');
  const listing = await curl.request('PROPFIND', 'by%20curl/', { headers: { Depth: '1' } });
  assert.equal(listing.status, 207);
  assert.match(listing.body.toString(), /by%20curl\/%[cC]3%9[fF]%25\.txt</);
}

async function worksWithCadaver(server: DavServer): Promise<void> {
  await using cadaver = await CadaverClient.make(server);
  await cadaver.makeDirectory('by cadaver/');
  await cadaver.write('by cadaver/ß.txt', 'hello');
  assert.deepEqual(await cadaver.list('by cadaver/'), [{ kind: 'file', path: 'ß.txt', size: 5 }]);
  assert.equal((await cadaver.cat('by curl/ß%.txt')).toString(), 'hello');
  await assert.rejects(cadaver.cat('missing'), /cadaver says/);
  await using liar = await CadaverClient.make({ ...server, password: 'wrong' });
  await assert.rejects(liar.list(''), /cadaver/);
}

async function worksWithRclone(server: DavServer): Promise<void> {
  await using rclone = await RcloneClient.make({ kind: 'webdav', ...server });
  await rclone.write('by rclone/ß.txt', 'hello');
  const listed = (await rclone.list('', { recursive: true })).map(({ kind, path, size }) => [kind, path, size]);
  const expected = ['cadaver', 'curl', 'rclone'].flatMap((name) => [
    ['directory', `by ${name}`, 0],
    ['file', `by ${name}/${name === 'curl' ? 'ß%' : 'ß'}.txt`, 5],
  ]);
  assert.deepEqual(listed, expected);
  assert.equal((await rclone.cat('by curl/ß%.txt')).toString(), 'hello');
  await rclone.delete('by curl/ß%.txt');
  await assert.rejects(rclone.cat('by curl/ß%.txt'), /not found/);
}
