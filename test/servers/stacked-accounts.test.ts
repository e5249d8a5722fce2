/** The conformance suite over the services with accounts as a mount uses them: through the write-back cache, which sends at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { testStore } from '../../src/conformance/index.ts';
import { HttpClient } from '../../src/http/http-client.ts';
import { DropboxStore } from '../../src/providers/dropbox/dropbox-store.ts';
import { GoogleDriveStore } from '../../src/providers/google-drive/google-drive-store.ts';
import { parseServiceAccountKey } from '../../src/providers/google/service-account.ts';
import { SugarSyncStore } from '../../src/providers/sugarsync/sugarsync-store.ts';
import type { Store } from '../../src/store/store.ts';
import { DropboxFake } from '../fakes/dropbox/dropbox-fake.ts';
import { anna, GoogleDriveFake } from '../fakes/google-drive/google-drive-fake.ts';
import { SugarSyncFake } from '../fakes/sugarsync/sugarsync-fake.ts';
import { loginOf } from '../fakes/sugarsync/trial-sugar.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-stack-'));
const http = new HttpClient();
after(async () => {
  await http.close();
  rmSync(temporary, { recursive: true });
});

/** Requests are repeated at once, and the fake goes with its store. */
function usual(fake: { readonly origin: string; close: () => Promise<void> }): {
  readonly endpoint: string;
  readonly retry: { readonly firstDelay: number };
  readonly http: Pick<HttpClient, 'send' | 'close'>;
} {
  return {
    endpoint: fake.origin,
    retry: { firstDelay: 1 },
    http: { send: (request) => http.send(request), close: () => fake.close() },
  };
}

const services: Readonly<Record<string, () => Promise<Store>>> = {
  SugarSync: async () => {
    const fake = await SugarSyncFake.start();
    return new SugarSyncStore({ ...loginOf(fake), root: 'Magic Briefcase', ...usual(fake) });
  },
  Dropbox: async () => {
    const fake = await DropboxFake.start();
    const { appKey, appSecret, refreshToken } = fake.logins;
    return new DropboxStore({ appKey, appSecret, refreshToken, ...usual(fake) });
  },
  'Google Drive': async () => {
    const fake = await GoogleDriveFake.start();
    const key = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
    const credentials = { serviceAccount: parseServiceAccountKey(key, 'key.json') };
    return new GoogleDriveStore({ credentials, root: 'a folder', ...usual(fake) });
  },
};

for (const [name, open] of Object.entries(services))
  testStore(`${name} behind the cache`, {
    runner: { describe, it },
    skip: [
      { test: 'names that differ in case are one file', reason: 'the cache keeps the second as a conflicted copy' },
    ],
    open: async () =>
      withWriteBackCache(await open(), { directory: mkdtempSync(join(temporary, 'cache-')), uploadDelay: 0 }),
  });
