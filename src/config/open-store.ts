import { type WriteBackCache, withWriteBackCache } from '../cache/write-back-cache.ts';
import { assertRootOutside } from '../providers/local/assert-root-outside.ts';
import { providers } from '../providers/registry.ts';
import type { ProviderEnvironment } from '../providers/service/provider-setting.ts';
import { isStoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { timedOut } from '../store/timed-out.ts';
import { assertCacheFits, assertCacheOutside, claimCache, isCacheKnown } from './cache-place.ts';
import type { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';
import { type OpenedProvider, openProvider } from './open-provider.ts';

/** Options of `openStore`. */
export interface OpenStoreOptions {
  /** Where the store will be mounted: neither its cache nor a local root may lie inside. */
  readonly mountPoint?: string | undefined;
  /** Environment variables that a provider may look up: proxies, credentials of the service's own tools. @default process.env */
  readonly environment?: ProviderEnvironment['variables'] | undefined;
}

/** The stack that a configuration describes: each part by its own type, so that nobody has to unwrap. */
export interface OpenedStore {
  /** For programs: reads and writes here, uploads in the background. */
  readonly store: Store;
  /** The service itself, without cache. */
  readonly remote: Store;
  /** The same as `store`, with what else a cache can do. */
  readonly cache: WriteBackCache;
  /** The requests to the service, by the service's own names of them. They are counted anew when its thread had to be started anew. */
  readonly requests: OpenedProvider['requests'];
  /** Commits everything and closes all. What is not sent stays in the cache directory; call `cache.drain` before to send it. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the provider and the cache of a configuration. Where this cache was open before, a service that cannot be reached is no
 * failure: the cache serves what it has. Throws `StoreError` when the service refuses the account, `ConfigurationError` when places contradict each other,
 * and `DirectoryInUseError` when another process uses the cache.
 */
export async function openStore(configuration: Configuration, options: OpenStoreOptions = {}): Promise<OpenedStore> {
  const { store: remote, requests } = await openRemote(configuration, options);
  try {
    await assertCacheFits(configuration);
    const { cacheDirectory, uploadDelay, writeThrough, metadataTime, timeout, maxBytes, hardMaxBytes, prefetch } =
      configuration;
    const { uid, gid, fileMode, directoryMode, strictPosix } = configuration;
    const limits = { uploadDelay, writeThrough, metadataTime, timeout, maxBytes, hardMaxBytes, prefetch };
    const attributes = { uid, gid, fileMode, directoryMode, strictPosix };
    const cache = withWriteBackCache(remote, { directory: cacheDirectory, ...limits, ...attributes });
    await claim(cache, configuration);
    return { store: cache, remote, cache, requests, close: () => cache.close() };
  } catch (error) {
    await remote.close();
    throw error;
  }
}

async function claim(cache: WriteBackCache, configuration: Configuration): Promise<void> {
  try {
    await claimCache(configuration);
  } catch (error) {
    await cache.close();
    throw error;
  }
}

/** Opens and closes the service alone, which tells whether `openStore` could. Throws as it does. */
export async function checkStore(configuration: Configuration, options: OpenStoreOptions = {}): Promise<void> {
  const { store } = await openRemote(configuration, options);
  await store.close();
}

/** Milliseconds after which a service that has not answered counts as unreachable: it may take several requests to find or make the root. */
const patience = 10_000;

async function openRemote(
  configuration: Configuration,
  { mountPoint, environment = process.env }: OpenStoreOptions,
): Promise<OpenedProvider> {
  const { store: name, settings, cacheDirectory, timeout, uploadLimit, downloadLimit } = configuration;
  if (!Object.hasOwn(providers, name))
    throw new ConfigurationError(`the store "${name}" is not available in this version`);
  if (mountPoint !== undefined) await assertCacheOutside(cacheDirectory, mountPoint);
  if (name === 'local') await assertRootOutside(settings['root'] ?? '', { mountPoint, cacheDirectory });
  const opened = await openProvider({
    provider: name,
    settings,
    variables: environment,
    timeout,
    limits: { upload: uploadLimit, download: downloadLimit },
  });
  try {
    await assertAccess(opened.store, await isCacheKnown(configuration));
    return opened;
  } catch (error) {
    await opened.store.close();
    throw error;
  }
}

/** That the service lets this account in. One that does not answer may do so later, where the cache has something to show till then. */
async function assertAccess(remote: Store, mayBeAway: boolean): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  try {
    for await (const _ of remote.list('/', { quick: true, signal })) break;
  } catch (error) {
    const isAway = error === signal.reason || (isStoreError(error) && error.retryable);
    if (!isAway) throw error;
    if (mayBeAway) return;
    if (isStoreError(error)) throw error;
    throw timedOut(patience, { store: remote.name });
  }
}
