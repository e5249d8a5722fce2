/** The conformance suite, in turn for a folder of the account's own drive and of a shared drive. */
import { after, describe, it } from 'node:test';
import { anna, GoogleDriveFake } from '../../../test/fakes/google-drive/google-drive-fake.ts';
import { testStore } from '../../conformance/test-store.ts';
import { HttpClient } from '../../http/http-client.ts';
import { parseServiceAccountKey } from '../google/service-account.ts';
import { GoogleDriveStore } from './google-drive-store.ts';

const http = new HttpClient();
after(() => http.close());
let stores = 0;

testStore('Google Drive', {
  runner: { describe, it },
  open: async () => {
    const fake = await GoogleDriveFake.start();
    const key = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
    return new GoogleDriveStore({
      credentials: { serviceAccount: parseServiceAccountKey(key, 'key.json') },
      endpoint: fake.origin,
      root: 'conformance/folder',
      driveId: ++stores % 2 === 0 ? fake.disk.sharedDriveId : undefined,
      http: { send: (request) => http.send(request), close: () => fake.close() },
    });
  },
});
