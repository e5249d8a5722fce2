import { HttpClient } from '../../../src/http/http-client.ts';
import { DropboxStore } from '../../../src/providers/dropbox/dropbox-store.ts';
import { DropboxFake } from './dropbox-fake.ts';

/** A fake and a store on it, closed together. */
export interface DropboxTrial extends AsyncDisposable {
  readonly fake: DropboxFake;
  readonly store: DropboxStore;
  readonly http: HttpClient;
  /** How often an operation was asked for. */
  readonly asked: (operation: string) => number;
}

/** Starts one; failed requests are repeated at once. */
export async function trialDropbox(): Promise<DropboxTrial> {
  const fake = await DropboxFake.start();
  const http = new HttpClient();
  const { appKey, appSecret, refreshToken } = fake.logins;
  const store = new DropboxStore({
    appKey,
    appSecret,
    refreshToken,
    endpoint: fake.origin,
    retry: { firstDelay: 1 },
    http,
  });
  return {
    fake,
    store,
    http,
    asked: (operation: string) => fake.requests.filter((request) => request.operation === operation).length,
    async [Symbol.asyncDispose]() {
      await store.close();
      await fake.close();
    },
  };
}

/** Chooses requests by their operation, for faults. */
export const at =
  (operation: string): ((request: { readonly rawPath: string }) => boolean) =>
  ({ rawPath }) =>
    rawPath === `/2/${operation}`;
