import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where caches are kept unless `cache_dir` says otherwise: `cloudfusion` in `$XDG_CACHE_HOME` (XDG Base Directory), or in `~/.cache`. */
export function defaultCacheRoot(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment['XDG_CACHE_HOME'];
  // The specification says that a relative path is to be ignored.
  return join(base?.startsWith('/') === true ? base : join(environment['HOME'] ?? homedir(), '.cache'), 'cloudfusion');
}

/**
 * What stands for an account, and is the default `cache_id`: always the same for the same account, so what waits for upload is
 * found again after a restart, and different for two accounts, so one never receives the files of the other. A new password
 * or access key leaves it as it is, wherever something else tells whose account it is. It holds no secret, at most a hash.
 */
export function accountOf(store: string, settings: Readonly<Record<string, string>>): string {
  const places = pick(settings, ['url', 'host', 'server_url', 'endpoint', 'root', 'bucket_name']);
  const owner = pick(settings, settings['user'] === undefined ? ['id'] : ['user']);
  const identity =
    settings['bucket_name'] !== undefined || (store === 'local' && settings['root'] !== undefined)
      ? places
      : { ...places, ...(Object.keys(owner).length > 0 ? owner : settings) };
  const digest = createHash('sha256')
    .update(JSON.stringify([store, identity]))
    .digest('hex');
  return `${store.replace(/[^a-z0-9]+/gi, '-')}-${digest.slice(0, 16)}`;
}

function pick(settings: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (settings[key] === undefined ? [] : [[key, settings[key]]])));
}
