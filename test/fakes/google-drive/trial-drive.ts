import { HttpClient } from '../../../src/http/http-client.ts';
import { GoogleDriveStore } from '../../../src/providers/google-drive/google-drive-store.ts';
import type { GoogleDriveStoreOptions } from '../../../src/providers/google-drive/google-drive-options.ts';
import { parseServiceAccountKey } from '../../../src/providers/google/service-account.ts';
import { folderType } from './drive-disk.ts';
import { anna, GoogleDriveFake } from './google-drive-fake.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

/** A fake with what somebody else does to it, and stores on it. */
export interface TrialDrive extends AsyncDisposable {
  readonly fake: GoogleDriveFake;
  /** The text of the key file that the stores use; a service account has one key here. */
  readonly account: string;
  /** Each call opens another store, as a restart does. */
  open(options?: Partial<GoogleDriveStoreOptions>): GoogleDriveStore;
  /** Somebody else makes a file, or a folder where there is no content. */
  make(name: string, content?: string, parent?: string): StoredDriveFile;
}

/** Starts a fake. Requests are repeated at once. */
export async function trialDrive(): Promise<TrialDrive> {
  const fake = await GoogleDriveFake.start();
  const http = new HttpClient();
  const account = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
  return {
    fake,
    account,
    open: (options = {}) =>
      new GoogleDriveStore({
        credentials: { serviceAccount: parseServiceAccountKey(account, 'key.json') },
        endpoint: fake.origin,
        retry: { firstDelay: 1 },
        http: { send: (request) => http.send(request), close: async () => {} },
        ...options,
      }),
    make: (name, content, parent = fake.disk.rootId) =>
      fake.disk.create(
        { name, parents: [parent], ...(content === undefined ? { mimeType: folderType } : {}) },
        content === undefined ? undefined : Buffer.from(content),
        true,
      ),
    async [Symbol.asyncDispose]() {
      await http.close();
      await fake.close();
    },
  };
}
