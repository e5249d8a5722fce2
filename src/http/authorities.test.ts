import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { httpsServer } from '../../test/fakes/http/loopback-server.ts';
import { testIdentity } from '../../test/fakes/http/test-identity.ts';
import { isStoreError } from '../store/errors.ts';
import { HttpClient, type HttpClientOptions } from './http-client.ts';

const options = { timeout: 20_000 };

async function ask(origin: string, client: HttpClientOptions): Promise<string> {
  const http = new HttpClient(client);
  try {
    return await (await http.send({ operation: 'Get', method: 'GET', origin, path: '/' })).body.text();
  } finally {
    await http.close();
  }
}

test('a certificate that nobody vouches for is Unauthenticated, and the message says what to do', options, async () => {
  using identity = testIdentity();
  await using server = await httpsServer(identity.pem, (_request, response) => response.end('secret'));
  await assert.rejects(
    ask(server.origin, {}),
    (error) => isStoreError(error, 'Unauthenticated') && /not trusted.*ca_file/.test(error.message),
  );
});

test('an authority of a file is trusted, by option and by variable', options, async () => {
  using identity = testIdentity();
  await using server = await httpsServer(identity.pem, (_request, response) => response.end('secret'));
  assert.equal(await ask(server.origin, { caFile: identity.certificateFile }), 'secret');
  assert.equal(await ask(server.origin, { variables: { SSL_CERT_FILE: identity.certificateFile } }), 'secret');
  assert.equal(
    await ask(server.origin.replace('127.0.0.1', 'localhost'), { caFile: identity.certificateFile }),
    'secret',
  );
});

test('the authorities of the system are trusted, without any setting', options, async () => {
  using identity = testIdentity();
  await using server = await httpsServer(identity.pem, (_request, response) => response.end('secret'));
  const program = `
    import { HttpClient } from ${JSON.stringify(new URL('http-client.ts', import.meta.url).href)};
    const http = new HttpClient();
    for (const method of ['GET', 'PUT']) {
      const body = method === 'PUT' ? 'small' : undefined;
      const request = { operation: method, method, origin: process.argv[1], path: '/', body, expectContinue: true };
      console.log(await (await http.send(request)).body.text());
    }
    await http.close();`;
  // OpenSSL takes the system's authorities from where this variable says.
  const env = { PATH: process.env['PATH'], SSL_CERT_FILE: identity.certificateFile };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, server.origin], { env });
  assert.equal(stdout, 'secret\nsecret\n');
});

test('a certificate for another host is not trusted, whoever vouches for it', options, async () => {
  using identity = testIdentity('DNS:other.example');
  await using server = await httpsServer(identity.pem, (_request, response) => response.end('secret'));
  await assert.rejects(
    ask(server.origin, { caFile: identity.certificateFile }),
    (error) => isStoreError(error, 'Unauthenticated') && /ERR_TLS_CERT_ALTNAME_INVALID/.test(error.message),
  );
});

test('a server that speaks no TLS is Unavailable', options, async () => {
  using identity = testIdentity();
  await using server = await httpsServer(identity.pem, (_request, response) => response.end());
  const plain = server.origin.replace('https:', 'http:');
  await assert.rejects(ask(plain, {}), (error) => isStoreError(error, 'Unavailable'));
});

test('a file that cannot be used is told when the client is made, by name', () => {
  using identity = testIdentity();
  const file = (name: string, text: string): string => {
    const path = join(identity.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  for (const [path, why] of [
    [join(identity.folder, 'nothing.pem'), /cannot be read.*ENOENT/],
    [identity.folder, /cannot be read/],
    [file('empty.pem', ''), /holds no certificate/],
    [file('damaged.pem', damaged), /damaged certificate/],
  ] as const)
    for (const client of [{ caFile: path }, { variables: { SSL_CERT_FILE: path } }])
      assert.throws(
        () => new HttpClient(client),
        (error) => isStoreError(error, 'Unsupported') && error.message.includes(path) && why.test(error.message),
      );
});
