/** Proves what only Apache offers of the servers: HTTPS, a folder, redirects, nonces that go stale. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startApacheDav } from './apache-dav.ts';
import { CurlClient } from './clients/curl-client.ts';
import type { DavServer } from './dav-server.ts';
import { notInstalled } from './installed.ts';

describe('apache-dav', { skip: notInstalled('apache-dav', 'curl'), timeout: 120_000 }, () => {
  it('speaks HTTPS to who trusts its certificate', async () => {
    await using server = await startApacheDav({ tls: true });
    await using trusting = await CurlClient.make(server.url, server);
    assert.equal((await trusting.request('PUT', 'a', { body: 'hello' })).status, 201);
    const { certificate, ...keys } = server;
    await using careful = await CurlClient.make(server.url, keys);
    await assert.rejects(careful.request('GET', 'a'), /self-signed certificate/);
    assert.ok(certificate.startsWith(server.folder));
  });

  it('has a name for which the certificate is good', async () => {
    await using server = await startApacheDav({ tls: true });
    const ca = await readFile(server.certificate);
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port), servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    assert.equal(socket.authorized, true);
    socket.destroy();
  });

  it('has WebDAV in one folder alone', async () => {
    await using server = await startApacheDav({ folder: '/files/of ß' });
    assert.match(server.url, /\/files\/of%20%C3%9F\/$/);
    await using curl = await CurlClient.make(server.url, server);
    assert.equal((await curl.request('PUT', 'a', { body: 'hello' })).status, 201);
    await access(join(server.root, 'a'));
    await using above = await CurlClient.make(new URL('/', server.url).href, server);
    assert.equal((await above.request('PROPFIND', '', { headers: { Depth: '0' } })).status, 405);
  });

  it('redirects', async () => {
    await using server = await startApacheDav();
    await using curl = await CurlClient.make(server.movedUrl, server);
    const { status, headers } = await curl.request('PUT', 'a%20b', { body: 'hello' });
    assert.deepEqual([status, headers['location']], [308, `${server.url}a%20b`]);
  });

  it('lists everything', async () => {
    await using server = await startApacheDav();
    await using curl = await CurlClient.make(server.url, server);
    for (const name of ['a/', 'a/b/']) assert.equal((await curl.request('MKCOL', name)).status, 201);
    const listing = await curl.request('PROPFIND', '', { headers: { Depth: 'infinity' } });
    assert.match(listing.body.toString(), /<D:href>\/a\/b\/<\/D:href>/);
  });

  it('asks anew when a nonce is stale', async () => {
    await using server = await startApacheDav({ authentication: 'digest', nonceSeconds: 1 });
    const first = await fetch(server.url);
    const answer = digestAnswer(server, first.headers.get('www-authenticate') ?? '');
    const ask = async (count: number): Promise<Response> =>
      await fetch(server.url, { method: 'OPTIONS', headers: { Authorization: answer(count) } });
    assert.equal((await ask(1)).status, 200);
    for (let count = 2; ; count++) {
      const { status, headers } = await ask(count);
      if (status === 200) await delay(100);
      else {
        assert.match(headers.get('www-authenticate') ?? '', /stale=true/);
        break;
      }
    }
  });

  it('leaves nothing behind', async () => {
    const server = await startApacheDav();
    await server.stop();
    await assert.rejects(access(server.folder), { code: 'ENOENT' });
    await assert.rejects(fetch(server.url), TypeError);
  });
});

/** RFC 7616, section 3.4.1, for `OPTIONS /` with MD5 and `qop=auth`. */
function digestAnswer({ user, password }: DavServer, challenge: string): (count: number) => string {
  const [, realm, nonce] = /realm="([^"]+)", nonce="([^"]+)"/.exec(challenge) ?? [];
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const [secret, request] = [md5(`${user}:${realm}:${password}`), md5('OPTIONS:/')];
  return (count) => {
    const times = count.toString(16).padStart(8, '0');
    const response = md5([secret, nonce, times, 'client', 'auth', request].join(':'));
    const fields = `username="${user}", realm="${realm}", nonce="${nonce}", uri="/", algorithm=MD5`;
    return `Digest ${fields}, response="${response}", qop=auth, nc=${times}, cnonce="client"`;
  };
}
