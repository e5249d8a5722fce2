/** The conformance suite over the fake of Google Cloud Storage, by the JSON API and by the XML API. */
import { after, before, describe, it } from 'node:test';
import { GoogleStorageFake, owner } from '../../../test/fakes/google-storage/google-storage-fake.ts';
import { testStore } from '../../conformance/index.ts';
import { HttpClient } from '../../http/http-client.ts';
import { type GoogleCredentials, GoogleStorageStore } from './google-storage-store.ts';
import { parseServiceAccountKey } from './service-account.ts';

let fake: GoogleStorageFake;
let http: HttpClient;
let credentials: Readonly<Record<'json' | 'xml', GoogleCredentials>>;
let buckets = 0;

before(async () => {
  fake = await GoogleStorageFake.start();
  http = new HttpClient();
  const account = JSON.stringify(fake.accounts.makeServiceAccount(owner, fake.origin));
  credentials = {
    json: { serviceAccount: parseServiceAccountKey(account, 'key.json') },
    xml: { hmac: fake.accounts.makeHmacKey(owner) },
  };
});
after(async () => {
  await http.close();
  await fake.close();
});

const noLineBreaks = 'Google Cloud Storage takes no line breaks in names';

for (const [api, root] of [
  ['json', ''],
  ['xml', 'folder'],
] as const) {
  testStore(`Google Cloud Storage, ${api.toUpperCase()} API`, {
    runner: { describe, it },
    open: () =>
      new GoogleStorageStore({
        bucket: `bucket-${++buckets}`,
        root,
        credentials: credentials[api],
        endpoint: fake.origin,
        http: { send: (request) => http.send(request), close: async () => {} },
      }),
    skip: [
      { test: 'a file and a directory can be called "new\\nline"', reason: noLineBreaks },
      { test: 'a file and a directory can be called "carriage\\rreturn"', reason: noLineBreaks },
      { test: 'all names stand beside each other', reason: noLineBreaks },
    ],
  });
}
