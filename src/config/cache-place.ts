import { readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';

/** In a cache directory: whose cache it is. */
const ownerFile = 'account';

/**
 * That the cache directory is new, or belongs to the account of this configuration: with the cache of another one, its files
 * would be sent to the wrong account, and those of this one would look deleted. Throws `ConfigurationError`.
 */
export async function assertCacheFits({ cacheDirectory, account }: Configuration): Promise<void> {
  const owner = await ownerOf(cacheDirectory);
  if (owner !== undefined && owner !== account)
    throw new ConfigurationError(
      `the cache ${cacheDirectory} belongs to another account or root: choose another "cache_id", or none at all`,
    );
}

/** Whether a mount has begun with this cache before: then it can begin without its service. */
export async function isCacheKnown({ cacheDirectory }: Configuration): Promise<boolean> {
  return (await ownerOf(cacheDirectory)) !== undefined;
}

/** Notes whose cache it is. Only for who holds the cache open. */
export async function claimCache({ cacheDirectory, account }: Configuration): Promise<void> {
  if ((await ownerOf(cacheDirectory)) === undefined)
    await writeFile(join(cacheDirectory, ownerFile), `${account}\n`, { mode: 0o600 });
}

/** That the cache is not below `mountPoint`: it would wait for itself. Throws `ConfigurationError`. */
export async function assertCacheOutside(cacheDirectory: string, mountPoint: string): Promise<void> {
  const cache = await realPathOf(cacheDirectory, mountPoint);
  if (cache === mountPoint || cache.startsWith(`${mountPoint}/`))
    throw new ConfigurationError(`the cache directory ${cacheDirectory} lies inside the mount point ${mountPoint}`);
}

async function ownerOf(cacheDirectory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(cacheDirectory, ownerFile), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Without symbolic links, as far as it exists. The mount point itself, which may wait for this process, is never looked at. */
async function realPathOf(path: string, mountPoint: string): Promise<string> {
  if (path === mountPoint || path.startsWith(`${mountPoint}/`) || path === '/') return path;
  const parent = await realPathOf(dirname(path), mountPoint);
  const plain = join(parent, path.slice(path.lastIndexOf('/') + 1));
  if (plain === mountPoint || plain.startsWith(`${mountPoint}/`)) return plain;
  try {
    return await realpath(plain);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return plain;
    throw error;
  }
}
