import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { S3Store, type S3StoreOptions } from '../../src/providers/s3/s3-store.ts';
import { isStoreError, type StoreErrorCode } from '../../src/store/errors.ts';
import { writeBytes } from '../../src/store/operations.ts';
import type { S3Server } from './s3-server.ts';
import { freePort } from './server-scope.ts';

interface Refusal {
  readonly options: Partial<S3StoreOptions>;
  readonly code: StoreErrorCode;
  /** Names what to change. */
  readonly words: RegExp;
}

/** Registers the tests of wrong settings: each is refused with words that name what to change, before anything is kept. */
export function testS3Refusals(server: () => S3Server): void {
  const refused = async ({ options, code, words }: Refusal): Promise<string> => {
    const { accessKey: id, secretKey: secret, endpoint, region } = server();
    const right = { bucket: 'refused-bucket', id, secret, endpoint, region, variables: {}, retry: { attempts: 1 } };
    let told = '';
    await assert.rejects(
      async () => {
        const store = new S3Store({ ...right, ...options });
        try {
          for await (const _ of store.list('/'));
        } finally {
          await store.close();
        }
      },
      (error) => {
        assert.ok(isStoreError(error, code), String(error));
        assert.match(error.message, words);
        assert.ok(!error.message.includes(secret), 'no secret is told');
        told = error.message;
        return true;
      },
    );
    return told;
  };

  it('wrong settings are refused, each with words of its own that name what to change', async () => {
    const { other, accessKey } = server();
    const { port, close } = await selfSigned();
    const strange = { id: other.accessKey, secret: other.secretKey };
    const refusals: readonly Refusal[] = [
      { options: { id: `${accessKey}x` }, code: 'Unauthenticated', words: /check `id`|check `secret`, then `id`/ },
      { options: { secret: 'wrong' }, code: 'Unauthenticated', words: /check `secret`/ },
      { options: { createBucket: false }, code: 'PermissionDenied', words: /no such bucket; check `bucket_name`/ },
      {
        options: { bucket: 'No_Good' },
        code: 'InvalidPath',
        words: /(?:lower-case|does not allow).*change `?bucket_name/,
      },
      { options: { bucket: 'a' }, code: 'InvalidPath', words: /3 to 63 characters; change bucket_name/ },
      { options: strange, code: 'PermissionDenied', words: /may not/ },
      {
        options: { endpoint: `http://127.0.0.1:${await freePort()}` },
        code: 'Unavailable',
        words: /refuses connections/,
      },
      { options: { endpoint: 'http://nowhere.invalid' }, code: 'Unavailable', words: /nowhere\.invalid/ },
      { options: { endpoint: `https://127.0.0.1:${port}` }, code: 'Unauthenticated', words: /certificate.*ca_file/ },
    ];
    const told: string[] = [];
    for (const refusal of refusals) told.push(await refused(refusal));
    await close();
    // Swift does not tell the first two apart.
    assert.equal(new Set(told.slice(1)).size, told.length - 1, told.join('\n'));
  });

  it('a bucket of another account is no bucket of ours', async () => {
    const { accessKey: id, secretKey: secret, endpoint, region, other } = server();
    const store = new S3Store({ bucket: 'taken-bucket', id, secret, endpoint, region });
    await writeBytes(store, '/file', 'ours');
    await store.close();
    const options = { bucket: 'taken-bucket', id: other.accessKey, secret: other.secretKey };
    await refused({ options, code: 'PermissionDenied', words: /account/ });
  });
}

/** An HTTPS server whose certificate nobody trusts. */
async function selfSigned(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 's3-certificate-'));
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=nobody', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')];
  await promisify(execFile)('openssl', [...request, ...names, ...files]);
  const [key, cert] = await Promise.all(['key.pem', 'certificate.pem'].map((name) => readFile(join(folder, name))));
  await rm(folder, { recursive: true });
  const server = createServer({ key, cert }, (_request, response) => response.end());
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, close };
}
