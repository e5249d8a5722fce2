import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';

/** One setting of a provider, for configuration, help and masking. */
export interface ProviderSetting {
  /** As `config/options.ts` names it where that has it: `id`, `secret`, `user`, `password`, `url`, `bucket_name`, `root`. */
  readonly key: string;
  readonly required: boolean;
  /** Never shown, logged, or written where others can read it. */
  readonly secret: boolean;
  /** The value where none is given. */
  readonly default?: string | undefined;
  /** A file or directory of this computer: `~` is the home directory, and what is relative belongs to the configuration file. */
  readonly path?: boolean | undefined;
  /** One sentence. */
  readonly description: string;
}

/** What a provider may need beside its settings. */
export interface ProviderEnvironment {
  /** Environment variables of the process: proxies, and where the service's own tools keep credentials. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Counts the requests. */
  readonly traffic: Traffic;
  /** Milliseconds of silence after which a service is not waited for any longer; see `HttpClientOptions.timeout`. */
  readonly timeout?: number | undefined;
}

/** What configurations say, by the keys of the settings. */
export type Settings = Readonly<Record<string, string>>;

/** A setting that may be left out, and may be shown. */
export const optional = { required: false, secret: false } as const;

/** Of every service that is asked over TLS. */
export const caFileSetting: ProviderSetting = {
  ...optional,
  key: 'ca_file',
  path: true,
  description: 'File (PEM) with the certificate of an authority of your own.',
};

/** Reads `yes` or `no`. Throws `Unsupported`, which names the setting, for anything else. */
export function switchIn(settings: Settings, key: string, standard: boolean): boolean {
  const text = settings[key];
  if (text === undefined) return standard;
  if (/^(?:yes|true|on|1)$/i.test(text)) return true;
  if (/^(?:no|false|off|0)$/i.test(text)) return false;
  throw wrongSetting(key, 'yes or no', text);
}

/** A setting that is not what it must be: `Unsupported`. */
export function wrongSetting(key: string, rule: string, text: string): StoreError {
  return new StoreError('Unsupported', { message: `\`${key}\` is ${rule}, not "${text}"` });
}
