import { HttpClient } from '../../../src/http/http-client.ts';
import type { SugarSyncStoreOptions } from '../../../src/providers/sugarsync/sugarsync-options.ts';
import { SugarSyncStore } from '../../../src/providers/sugarsync/sugarsync-store.ts';
import { SugarSyncFake } from './sugarsync-fake.ts';

/** A fake, and stores on it. */
export interface TrialSugar extends AsyncDisposable {
  readonly fake: SugarSyncFake;
  readonly http: HttpClient;
  /** Each call opens another store, as a restart does. It begins at the Magic Briefcase. */
  open(options?: Partial<SugarSyncStoreOptions>): SugarSyncStore;
}

/** Starts a fake. Requests are repeated at once. */
export async function trialSugar(): Promise<TrialSugar> {
  const fake = await SugarSyncFake.start();
  const http = new HttpClient();
  return {
    fake,
    http,
    open: (options = {}) =>
      new SugarSyncStore({
        ...loginOf(fake),
        endpoint: fake.origin,
        root: 'Magic Briefcase',
        retry: { firstDelay: 1 },
        http: { send: (request) => http.send(request), close: async () => {} },
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await http.close();
      await fake.close();
    },
  };
}

/** Keys and a refresh token that are good. */
export function loginOf({
  logins,
  addresses,
}: SugarSyncFake): Pick<SugarSyncStoreOptions, 'accessKeyId' | 'privateAccessKey' | 'refreshToken'> {
  const { accessKeyId, privateAccessKey } = logins;
  return { accessKeyId, privateAccessKey, refreshToken: logins.makeRefreshToken(addresses) };
}
