import { after, before, describe, it } from 'node:test';
import { anna, GoogleDriveFake } from '../../../test/fakes/google-drive/google-drive-fake.ts';
import { testStore } from '../../conformance/test-store.ts';
import { HttpClient } from '../../http/http-client.ts';
import { parseServiceAccountKey, type ServiceAccountKey } from '../google/service-account.ts';
import { GoogleDriveStore } from './google-drive-store.ts';

let fake: GoogleDriveFake;
let http: HttpClient;
let serviceAccount: ServiceAccountKey;
let folders = 0;

before(async () => {
  fake = await GoogleDriveFake.start();
  http = new HttpClient();
  serviceAccount = parseServiceAccountKey(
    JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin)),
    'key.json',
  );
});
after(async () => {
  await http.close();
  await fake.close();
});

testStore('Google Drive', {
  runner: { describe, it },
  open: () =>
    new GoogleDriveStore({
      credentials: { serviceAccount },
      endpoint: fake.origin,
      root: `conformance/${++folders}`,
      driveId: folders % 2 === 0 ? fake.disk.sharedDriveId : undefined,
      http: { send: (request) => http.send(request), close: async () => {} },
    }),
});
