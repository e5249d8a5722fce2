/** The conformance suite over the fake of Google Cloud Storage, by the JSON API. */
import { after, before, describe, it } from 'node:test';
import { GoogleStorageFake, owner } from '../../../test/fakes/google-storage/google-storage-fake.ts';
import { testStore } from '../../conformance/index.ts';
import { HttpClient } from '../../http/http-client.ts';
import { BucketStore } from '../bucket/bucket-store.ts';
import { AccessTokens } from './access-tokens.ts';
import { GoogleBucket } from './google-bucket.ts';
import { GoogleClient } from './google-client.ts';
import { parseServiceAccountKey, serviceAccountGrant } from './service-account.ts';

let fake: GoogleStorageFake;
let http: HttpClient;
let buckets = 0;

before(async () => {
  fake = await GoogleStorageFake.start();
  http = new HttpClient();
});
after(async () => {
  await http.close();
  await fake.close();
});

async function open(): Promise<BucketStore> {
  const key = parseServiceAccountKey(JSON.stringify(fake.accounts.makeServiceAccount(owner, fake.origin)), 'key.json');
  const tokens = new AccessTokens(serviceAccountGrant(http, key));
  const client = new GoogleClient({ http, tokens, origin: fake.origin });
  const create = { project: owner.project, location: undefined };
  const bucket = new GoogleBucket({ client, bucket: `bucket-${++buckets}`, create, close: async () => {} });
  await bucket.prepare();
  return new BucketStore(bucket);
}

const noLineBreaks = 'Google Cloud Storage takes no line breaks in names';

testStore('Google Cloud Storage, JSON API', {
  runner: { describe, it },
  open,
  skip: [
    { test: 'a file and a directory can be called "new\\nline"', reason: noLineBreaks },
    { test: 'a file and a directory can be called "carriage\\rreturn"', reason: noLineBreaks },
    { test: 'all names stand beside each other', reason: noLineBreaks },
  ],
});
