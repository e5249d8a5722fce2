import { join, resolve } from 'node:path';
import { accountOf, defaultCacheRoot } from './cache-directory.ts';
import { timetableOf } from './bandwidth.ts';
import type { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';
import { withSavedLogin } from './login-settings.ts';
import { optionCalled } from './options.ts';
import { type Found, type FoundValue, readOptions } from './read-options.ts';
import { type Named, providerCalled } from './services.ts';
import {
  booleanOf,
  levelOf,
  megabytesOf,
  modeOf,
  pathOf,
  secondsAboveZeroOf,
  secondsOf,
  wholeNumberOf,
} from './values.ts';

/** What the configuration must know of a provider. */
export interface ConfigurableProvider extends Named {
  readonly settings: readonly ConfigurableSetting[];
}

/** A key of `[auth]` that a provider asks for. */
export interface ConfigurableSetting {
  readonly key: string;
  readonly required?: boolean | undefined;
  readonly secret?: boolean | undefined;
  /** A path of this computer: `~` and what is relative are resolved. */
  readonly path?: boolean | undefined;
  /** The value where none is given. */
  readonly default?: string | undefined;
}

/** Options of `parseConfiguration`. */
export interface ParseOptions {
  /** The stores that can be had. */
  readonly providers: readonly ConfigurableProvider[];
  /** Where `${NAME}` is looked up, and the default cache directory. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** What relative paths are relative to, absolute. @default relative paths are refused */
  readonly baseDirectory?: string | undefined;
  /** The configuration whose secrets a masked value stands for. */
  readonly inForce?: Configuration | undefined;
}

/**
 * Reads and checks a configuration. Throws `ConfigurationError` for everything that is not understood: unknown sections, keys
 * and stores, bad numbers, missing keys, and what this version does not have. It asks no service, and reads no file but one of `cloudfusion login`.
 */
export function parseConfiguration(text: string, options: ParseOptions): Configuration {
  const environment = options.environment ?? process.env;
  const settingKeys = options.providers.flatMap(({ settings }) => settings);
  const found = readOptions(text, { environment, settingKeys });
  const provider = providerOf(found, options.providers);
  refuseWhatIsMissing(found);
  const timesAndLimits = {
    uploadDelay: secondsOf(found, 'cache') * 1000,
    writeThrough: booleanOf(found, 'write_through'),
    metadataTime: secondsOf(found, 'metadata_cache') * 1000,
    timeout: secondsAboveZeroOf(found, 'timeout') * 1000,
    uploadLimit: timetableOf(found, 'upload_limit'),
    downloadLimit: timetableOf(found, 'download_limit'),
    ...limitsOf(found),
    prefetch: booleanOf(found, 'prefetch'),
    ...attributesOf(found),
    allowOther: booleanOf(found, 'allow_other'),
    passthrough: booleanOf(found, 'passthrough'),
    log: levelOf(found, 'log') ?? (booleanOf(found, 'enable_logging') ? 'info' : undefined),
    profile: booleanOf(found, 'enable_profiling'),
  };
  const { settings, user, expires: loginExpires } = withSavedLogin(provider.name, settingsOf(found, provider, options));
  const account = accountOf(provider.name, user === undefined ? settings : { ...settings, user });
  const cacheDirectory = cacheDirectoryOf(found, environment, options.baseDirectory, account);
  return { store: provider.name, settings, loginExpires, account, cacheDirectory, ...timesAndLimits };
}

function providerOf(found: Found, providers: readonly ConfigurableProvider[]): ConfigurableProvider {
  const name = found.get('name');
  if (name === undefined) throw new ConfigurationError('the key "name" is missing in [store]: which store is it?');
  return providerCalled(name.value, name.line, providers);
}

function refuseWhatIsMissing(found: Found): void {
  const type = found.get('type');
  if (type !== undefined)
    throw new ConfigurationError('archives ("type") are not available in this version: remove the line', type.line);
  if (booleanOf(found, 'autoregister'))
    throw new ConfigurationError(
      'opening an account ("autoregister") is not available in this version: open it at the service, and remove the line',
      found.get('autoregister')?.line,
    );
  // A number that nobody reads yet is still checked.
  megabytesOf(found, 'max_chunk_size');
}

function settingsOf(
  found: Found,
  provider: ConfigurableProvider,
  { baseDirectory, inForce }: ParseOptions,
): Record<string, string> {
  const settings: Record<string, string> = {};
  const masked: FoundValue[] = [];
  const missing: string[] = [];
  for (const { key, required, path, default: standard } of provider.settings) {
    const given = found.get(key);
    if (given === undefined) {
      if (required === true) missing.push(key);
      else if (standard !== undefined) settings[key] = standard;
    } else if (given.masked === true) {
      masked.push(given);
    } else {
      settings[key] = path === true ? pathOf(given, baseDirectory) : given.value;
    }
  }
  for (const given of masked) Object.assign(settings, secretInForce(given, provider.name, settings, inForce));
  if (missing.length > 0) {
    const keys = missing.map((key) => `"${key}"`).join(' and ');
    throw new ConfigurationError(
      `the store "${provider.name}" needs the ${missing.length === 1 ? 'key' : 'keys'} ${keys} in [auth]`,
    );
  }
  return settings;
}

/** A secret goes to nobody but the one it was given for: the same service at the same address. */
function secretInForce(
  { key, line }: FoundValue,
  store: string,
  settings: Readonly<Record<string, string>>,
  inForce: Configuration | undefined,
): Record<string, string> {
  const option = optionCalled(key)?.key ?? key;
  const secret = inForce?.settings[option];
  if (secret === undefined) throw new ConfigurationError(`"${key}" is masked, and no former value is known`, line);
  const elsewhere = ['url', 'host', 'server_url', 'endpoint'].some(
    (address) => settings[address] !== inForce?.settings[address],
  );
  if (inForce?.store !== store || elsewhere)
    throw new ConfigurationError(
      `"${key}" is masked, and its former value was for another service: write it out`,
      line,
    );
  return { [option]: secret };
}

function attributesOf(found: Found): Pick<Configuration, 'uid' | 'gid' | 'fileMode' | 'directoryMode' | 'strictPosix'> {
  const umask = modeOf(found, 'umask') ?? 0;
  return {
    uid: wholeNumberOf(found, 'uid'),
    gid: wholeNumberOf(found, 'gid'),
    fileMode: modeOf(found, 'file_mode') ?? 0o666 & ~umask,
    directoryMode: modeOf(found, 'dir_mode') ?? 0o777 & ~umask,
    strictPosix: booleanOf(found, 'strict_posix'),
  };
}

/** Where only one limit is given the other one follows; where they contradict each other the hard one is kept. */
function limitsOf(found: Found): { maxBytes: number; hardMaxBytes: number } {
  const soft = megabytesOf(found, 'cache_size');
  const hard = megabytesOf(found, 'hard_cache_size_limit');
  const hardIsGiven = found.get('hard_cache_size_limit') !== undefined;
  const hardMaxBytes = hardIsGiven ? hard : Math.max(hard, 2 * soft);
  return { maxBytes: Math.min(soft, hardMaxBytes), hardMaxBytes };
}

function cacheDirectoryOf(
  found: Found,
  environment: Readonly<Record<string, string | undefined>>,
  baseDirectory: string | undefined,
  account: string,
): string {
  const directory = found.get('cache_dir');
  const root = directory === undefined ? defaultCacheRoot(environment) : pathOf(directory, baseDirectory);
  const id = found.get('cache_id');
  if (id !== undefined && (/[/\0]/.test(id.value) || id.value === '.' || id.value === '..'))
    throw new ConfigurationError('"cache_id" is the name of a directory, without "/"', id.line);
  return resolve(join(root, id?.value ?? account));
}
