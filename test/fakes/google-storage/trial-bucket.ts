import { HttpClient } from '../../../src/http/http-client.ts';
import { AccessTokens } from '../../../src/http/oauth/access-tokens.ts';
import { GoogleBucket } from '../../../src/providers/gcs/google-bucket.ts';
import { GoogleClient } from '../../../src/providers/google/google-client.ts';
import { parseServiceAccountKey, serviceAccountGrant } from '../../../src/providers/google/service-account.ts';
import { storageScope } from '../../../src/providers/gcs/google-storage-store.ts';
import { storageMeaning } from '../../../src/providers/gcs/storage-meaning.ts';
import { GoogleStorageFake, owner } from './google-storage-fake.ts';

/** A fake with a bucket of the JSON API on it, as tests of that bucket use it. */
export interface TrialBucket extends AsyncDisposable {
  readonly fake: GoogleStorageFake;
  /** The client's side; each call makes a new one, as a restart does. */
  open(): GoogleBucket;
}

/** Starts a fake with the bucket `trial` in it. Requests are repeated at once. */
export async function trialBucket(): Promise<TrialBucket> {
  const fake = await GoogleStorageFake.start();
  fake.cloud.makeBucket('trial', owner.project);
  const account = JSON.stringify(fake.accounts.makeServiceAccount(owner, fake.origin));
  const http = new HttpClient();
  const retry = { firstDelay: 1 };
  return {
    fake,
    open() {
      const tokens = new AccessTokens(
        serviceAccountGrant(http, parseServiceAccountKey(account, 'key.json'), storageScope, retry),
      );
      const client = new GoogleClient({ http, tokens, origin: fake.origin, meaningOf: storageMeaning, retry });
      return new GoogleBucket({ client, bucket: 'trial', close: async () => {} });
    },
    async [Symbol.asyncDispose]() {
      await http.close();
      await fake.close();
    },
  };
}

/** What is stored under a key at the fake. */
export function contentAt({ fake }: TrialBucket, key: string): Buffer | undefined {
  return fake.cloud.peek('trial')?.find(key)?.content;
}
