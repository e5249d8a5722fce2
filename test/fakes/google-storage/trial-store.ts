import { after, before } from 'node:test';
import { type ConformanceRunner, testStore } from '../../../src/conformance/test-store.ts';
import { HttpClient } from '../../../src/http/http-client.ts';
import { type GoogleCredentials, GoogleStorageStore } from '../../../src/providers/gcs/google-storage-store.ts';
import { parseServiceAccountKey } from '../../../src/providers/google/service-account.ts';
import { GoogleStorageFake, owner } from './google-storage-fake.ts';

/** Registers the conformance suite over the fake, by one of the two APIs; each case has a bucket of its own. */
export function testGoogleStorage(runner: ConformanceRunner, api: 'JSON' | 'XML'): void {
  let fake: GoogleStorageFake;
  let http: HttpClient;
  let credentials: GoogleCredentials;
  let buckets = 0;

  before(async () => {
    fake = await GoogleStorageFake.start();
    http = new HttpClient();
    credentials = api === 'XML' ? { hmac: fake.accounts.makeHmacKey(owner) } : { serviceAccount: accountAt(fake) };
  });
  after(async () => {
    await http.close();
    await fake.close();
  });

  testStore(`Google Cloud Storage, ${api} API`, {
    runner,
    open: () =>
      new GoogleStorageStore({
        bucket: `bucket-${++buckets}`,
        root: api === 'XML' ? 'folder' : undefined,
        credentials,
        endpoint: fake.origin,
        http: { send: (request) => http.send(request), close: async () => {} },
      }),
  });
}

function accountAt(fake: GoogleStorageFake): ReturnType<typeof parseServiceAccountKey> {
  return parseServiceAccountKey(JSON.stringify(fake.accounts.makeServiceAccount(owner, fake.origin)), 'key.json');
}
