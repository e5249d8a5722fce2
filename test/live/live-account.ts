import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { configurableProviders } from '../../src/config/configurable-providers.ts';
import { openProvider } from '../../src/config/open-provider.ts';
import { parseConfiguration } from '../../src/config/parse-configuration.ts';
import { withPrefix } from '../../src/layers/prefix.ts';
import { isStoreError } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';

/** An account at a real service, of which tests use one fresh folder. Whatever else is in the account is not touched. */
export class LiveAccount {
  /** The folder, at the root that the configuration names. */
  readonly folder: string =
    `/cloudfusion-test-${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
  readonly #store: Store;
  #stores = 0;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Throws `ConfigurationError` for a configuration that is not understood, and what the service says to the account. */
  static async open(path: string): Promise<LiveAccount> {
    const options = { providers: configurableProviders, baseDirectory: dirname(path) };
    const {
      store: provider,
      settings,
      timeout,
      uploadLimit,
      downloadLimit,
    } = parseConfiguration(await readFile(path, 'utf8'), options);
    const limits = { upload: uploadLimit, download: downloadLimit };
    const { store } = await openProvider({ provider, settings, variables: process.env, timeout, limits });
    const account = new LiveAccount(store);
    try {
      await store.makeDirectory(account.folder);
      return account;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** An empty store: a new directory in the folder. Closing it leaves the account open. */
  newStore(): Store {
    return withPrefix(staysOpen(this.#store), `${this.folder}/${++this.#stores}`);
  }

  /** Removes the folder with all that is in it. Throws what the service says; then the folder is still there. */
  async close(): Promise<void> {
    try {
      await this.#store.delete(this.folder, { recursive: true });
    } catch (error) {
      if (!isStoreError(error, 'NotFound')) throw error;
    } finally {
      await this.#store.close();
    }
  }
}

/** The store, which does not close. */
function staysOpen(store: Store): Store {
  const get = (target: Store, property: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, property, target);
    return typeof value === 'function' ? value.bind(target) : value;
  };
  return new Proxy(store, {
    get: (target, property) => (property === 'close' ? async () => {} : get(target, property)),
  });
}
