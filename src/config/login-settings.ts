import { ConfigurationError } from './configuration-error.ts';
import { readLogin } from './saved-login.ts';

/** The setting that names a file of `cloudfusion login`. */
const fileKey = 'login_file';

/** Settings of a provider, with what its login file holds in the place of the file's name. */
export interface LoginSettings {
  readonly settings: Readonly<Record<string, string>>;
  /** Whose account the login is for; undefined where there is no login file, or where it does not tell. */
  readonly user: string | undefined;
  /** When the login ends by itself, in milliseconds since the epoch. */
  readonly expires: number | undefined;
}

/** Puts a saved login into settings that name one. Throws `ConfigurationError`, also for a login of another store and for two ways to log in. */
export function withSavedLogin(store: string, settings: Readonly<Record<string, string>>): LoginSettings {
  const { [fileKey]: path, ...others } = settings;
  if (path === undefined) return { settings, user: undefined, expires: undefined };
  const login = readLogin(path);
  if (login.store !== store)
    throw new ConfigurationError(`${path}: this login is for the store "${login.store}", not for "${store}"`);
  const twice = Object.keys(login.settings).filter(
    (key) => others[key] !== undefined && others[key] !== login.settings[key],
  );
  if (twice.length > 0)
    throw new ConfigurationError(
      `"${twice.join('" and "')}" stand in [auth], and others in ${path}: remove them there, or remove "${fileKey}"`,
    );
  return { settings: { ...others, ...login.settings }, user: login.account, expires: login.expires };
}
