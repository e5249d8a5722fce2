/** The conformance suite, in turn for an account of its own and for one of a team. */
import { after, describe, it } from 'node:test';
import { DropboxFake } from '../../../test/fakes/dropbox/dropbox-fake.ts';
import { testStore } from '../../conformance/test-store.ts';
import { HttpClient } from '../../http/http-client.ts';
import { DropboxStore } from './dropbox-store.ts';

const http = new HttpClient();
after(() => http.close());
let stores = 0;

testStore('Dropbox', {
  runner: { describe, it },
  open: async () => {
    const fake = await DropboxFake.start();
    fake.pageEntries = 600;
    if (++stores % 2 === 0) fake.teamSpace = '77';
    const { appKey, appSecret, refreshToken } = fake.logins;
    return new DropboxStore({
      appKey,
      appSecret,
      refreshToken,
      endpoint: fake.origin,
      retry: { firstDelay: 1 },
      http: { send: (request) => http.send(request), close: () => fake.close() },
    });
  },
});
