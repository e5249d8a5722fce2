/** The conformance suite, in turn with deleted files and without, in a sync folder and deeper. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SugarSyncFake } from '../../../test/fakes/sugarsync/sugarsync-fake.ts';
import { loginOf } from '../../../test/fakes/sugarsync/trial-sugar.ts';
import { testStore } from '../../conformance/test-store.ts';
import { HttpClient } from '../../http/http-client.ts';
import { SugarSyncStore } from './sugarsync-store.ts';

const http = new HttpClient();
after(() => http.close());
let stores = 0;

testStore('SugarSync', {
  runner: { describe, it },
  open: async () => {
    const fake = await SugarSyncFake.start();
    const deletePermanently = ++stores % 2 === 0;
    return new SugarSyncStore({
      ...loginOf(fake),
      endpoint: fake.origin,
      root: stores % 3 === 0 ? 'magic briefcase/a & b' : 'Magic Briefcase',
      deletePermanently,
      retry: { firstDelay: 1 },
      http: {
        send: (request) => http.send(request),
        close: async () => {
          const { orphans } = fake.disk;
          await fake.close();
          assert.deepEqual(orphans, [], 'something was deleted so that nobody finds it again');
        },
      },
    });
  },
});
