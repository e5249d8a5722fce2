import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { loopbackProxy } from '../../test/fakes/http/loopback-proxy.ts';
import { httpServer, httpsServer, rawServer } from '../../test/fakes/http/loopback-server.ts';
import { testIdentity } from '../../test/fakes/http/test-identity.ts';
import { isStoreError } from '../store/errors.ts';
import { bytesSource } from '../store/source.ts';
import { HttpClient, type HttpClientOptions } from './http-client.ts';
import type { HttpRequest } from './http-request.ts';
import { proxySettings } from './proxy-settings.ts';

const options = { timeout: 20_000 };

async function ask(origin: string, client: HttpClientOptions, more: Partial<HttpRequest> = {}): Promise<string> {
  const http = new HttpClient(client);
  try {
    const request = { operation: 'Get', method: 'GET', origin, path: '/a/../b%2F', ...more };
    return await (await http.send(request)).body.text();
  } finally {
    await http.close();
  }
}

test('plain requests are forwarded byte for byte, encrypted ones tunnelled', options, async () => {
  using identity = testIdentity();
  await using proxy = await loopbackProxy();
  await using plain = await httpServer((request, response) => response.end(request.url));
  await using encrypted = await httpsServer(identity.pem, (request, response) => response.end(request.url));
  const variables = { http_proxy: `http://${proxy.address}`, HTTPS_PROXY: proxy.address };
  const client = { variables, caFile: identity.certificateFile };
  assert.equal(await ask(plain.origin, client), '/a/../b%2F');
  assert.equal(await ask(encrypted.origin, client), '/a/../b%2F');
  assert.deepEqual(proxy.asked, [
    `GET ${plain.origin}/a/../b%2F`,
    `CONNECT ${encrypted.origin.replace('https://', '')}`,
  ]);
});

test('each scheme has its own proxy, and hosts of no_proxy have none', options, async () => {
  await using proxy = await loopbackProxy();
  await using server = await httpServer((_request, response) => response.end('direct'));
  const address = `http://${proxy.address}`;
  await ask(server.origin, { variables: { https_proxy: address } });
  await ask(server.origin, { variables: { http_proxy: address, no_proxy: 'example.com, 127.0.0.1' } });
  await ask(server.origin, { variables: { ALL_PROXY: address, NO_PROXY: '*' } });
  await ask(server.origin, {});
  assert.deepEqual(proxy.asked, []);
  await ask(server.origin, { variables: { ALL_PROXY: address, no_proxy: 'example.com' } });
  assert.equal(proxy.asked.length, 1);
});

test('the process’s own environment is not read', options, async () => {
  await using proxy = await loopbackProxy();
  await using server = await httpServer((_request, response) => response.end('direct'));
  const before = process.env['http_proxy'];
  process.env['http_proxy'] = `http://${proxy.address}`;
  try {
    await ask(server.origin, {});
    await ask(server.origin, { variables: { https_proxy: `http://${proxy.address}` } });
  } finally {
    if (before === undefined) delete process.env['http_proxy'];
    else process.env['http_proxy'] = before;
  }
  assert.deepEqual(proxy.asked, []);
});

test('credentials are given to the proxy and never appear in an error', options, async () => {
  using identity = testIdentity();
  await using proxy = await loopbackProxy('user:p@ss/word');
  await using plain = await httpServer((_request, response) => response.end('ok'));
  await using encrypted = await httpsServer(identity.pem, (_request, response) => response.end('ok'));
  const client = (credentials: string): HttpClientOptions => ({
    variables: { all_proxy: `http://${credentials}${proxy.address}` },
    caFile: identity.certificateFile,
  });
  for (const { origin } of [plain, encrypted]) {
    assert.equal(await ask(origin, client('user:p%40ss%2Fword@')), 'ok');
    for (const credentials of ['', 'user:very-secret@'])
      await assert.rejects(ask(origin, client(credentials)), (error) => {
        assert.ok(isStoreError(error, 'Unauthenticated') && /proxy/.test(error.message), inspect(error));
        assert.doesNotMatch(inspect(error, { depth: 10 }), /very-secret|dmVyeS1zZWNyZXQ/);
        return true;
      });
  }
});

test('a proxy that is not there, says nothing or does not reach the host is Unavailable in time', options, async () => {
  await using silent = await rawServer(() => undefined);
  await using proxy = await loopbackProxy();
  const gone = await httpServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  const isUnavailable = (error: unknown): boolean => isStoreError(error, 'Unavailable');
  const timeouts = { connectTimeout: 300, headersTimeout: 300 };
  for (const proxyOrigin of [silent.origin, gone.origin])
    for (const origin of ['http://127.0.0.1:9', 'https://127.0.0.1:9'])
      await assert.rejects(ask(origin, { variables: { all_proxy: proxyOrigin }, ...timeouts }), isUnavailable, origin);
  const variables = { all_proxy: `http://${proxy.address}` };
  await assert.rejects(ask(gone.origin.replace('http', 'https'), { variables, ...timeouts }), isUnavailable);
});

test('through a proxy an upload is sent without waiting for agreement', options, async () => {
  await using proxy = await loopbackProxy();
  await using server = await httpServer(async (request, response) => {
    assert.equal(request.headers.expect, undefined);
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) size += chunk.length;
    response.end(String(size));
  });
  const upload = { method: 'PUT', body: bytesSource(new Uint8Array(300_000)), expectContinue: true };
  assert.equal(await ask(server.origin, { variables: { http_proxy: proxy.address } }, upload), '300000');
});

test('an address that is none is told by the name of its variable, without its value', () => {
  for (const value of ['http://user:very-secret@[', 'ftp://very-secret', 'http://very-secret%zz@host']) {
    assert.throws(
      () => proxySettings({ HTTPS_PROXY: value }),
      (error) =>
        isStoreError(error, 'Unsupported') &&
        error.message.includes('HTTPS_PROXY') &&
        !inspect(error, { depth: 10 }).includes('very-secret'),
      value,
    );
  }
  assert.deepEqual(proxySettings({ http_proxy: ' ', HTTP_PROXY: 'host:8080', https_proxy: 'socks5://h:1' }), {
    http: 'http://host:8080',
    https: 'socks5://h:1',
    direct: '',
  });
});
