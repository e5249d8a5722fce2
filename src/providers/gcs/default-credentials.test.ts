/** A machine of Google's has a metadata server that hands out tokens; here one on loopback does, and Google's library asks it. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { GoogleStorageFake, owner } from '../../../test/fakes/google-storage/google-storage-fake.ts';
import { Traffic } from '../../http/traffic.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { openGoogleStorage } from './google-settings.ts';
import { storageScope } from './google-storage-store.ts';

const limit = { timeout: 30_000 };
const changed = ['GCE_METADATA_HOST', 'HOME', 'GOOGLE_APPLICATION_CREDENTIALS', 'CLOUDSDK_CONFIG'] as const;

let fake: GoogleStorageFake;
let metadata: Server;
let isLoggedIn = true;
const former: Partial<Record<string, string | undefined>> = {};

before(async () => {
  fake = await GoogleStorageFake.start();
  metadata = createServer((request, response) => {
    response.setHeader('metadata-flavor', 'Google');
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.headers['metadata-flavor'] !== 'Google') response.writeHead(403).end();
    else if (path.endsWith('/token') && isLoggedIn) {
      const token = fake.accounts.issueToken(owner, [storageScope]);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: token, expires_in: 3600, token_type: 'Bearer' }));
    } else if (path.endsWith('/token')) response.writeHead(404).end('no service account');
    else if (path.endsWith('/project/project-id')) response.end(owner.project);
    else if (path.endsWith('/universe/universe-domain')) response.end('googleapis.com');
    else response.end('ok');
  });
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
  for (const name of changed) former[name] = process.env[name];
  process.env['GCE_METADATA_HOST'] = `127.0.0.1:${(metadata.address() as AddressInfo).port}`;
  process.env['HOME'] = '/nonexistent';
  delete process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  delete process.env['CLOUDSDK_CONFIG'];
});

after(async () => {
  for (const name of changed) {
    const value = former[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  metadata.closeAllConnections();
  await new Promise((resolve) => metadata.close(resolve));
  await fake.close();
});

describe('the login of this computer', () => {
  it('reads and writes, and makes the bucket in its project', limit, async () => {
    const settings = { endpoint: fake.origin, bucket_name: 'by-default', auth: 'default' };
    const store = await openGoogleStorage(settings, { traffic: new Traffic(), variables: {} });
    await writeBytes(store, '/file', 'content');
    assert.equal(await readText(store, '/file'), 'content');
    assert.equal(fake.cloud.peek('by-default')?.project, owner.project);
    fake.accounts.expireTokens();
    assert.equal(await readText(store, '/file'), 'content');
    await store.close();
  });

  it('that is none is said so, with what to do', limit, async () => {
    isLoggedIn = false;
    const settings = { endpoint: fake.origin, bucket_name: 'by-default' };
    const store = await openGoogleStorage(settings, { traffic: new Traffic(), variables: {} });
    await assert.rejects(Array.fromAsync(store.list('/')), /Unauthenticated: .*gcloud auth application-default login/);
    await store.close();
    isLoggedIn = true;
  });
});
