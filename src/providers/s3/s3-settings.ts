import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';
import type { Addressing } from './s3-endpoint.ts';
import { type Checksums, S3Store } from './s3-store.ts';

/** Settings by their keys in the configuration. */
type Settings = Readonly<Record<string, string>>;

/** The settings of Amazon S3, as the list of providers shows them. */
export const s3Settings: readonly {
  readonly key: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly default?: string;
  readonly path?: boolean;
  readonly description: string;
}[] = [
  {
    key: 'bucket_name',
    required: false,
    secret: false,
    default: 'cloudfusion',
    description: 'The bucket. Names are unique in the world: `cloudfusion uuid` proposes one.',
  },
  {
    key: 'id',
    required: false,
    secret: false,
    description:
      'Access key. Without it the keys come from the environment, the shared AWS files, or the metadata service of the container or instance.',
  },
  { key: 'secret', required: false, secret: true, description: 'Secret of the access key.' },
  { key: 'session_token', required: false, secret: true, description: 'Token that goes with temporary keys.' },
  {
    key: 'profile',
    required: false,
    secret: false,
    description: 'Profile of `~/.aws/credentials` and `~/.aws/config` that has the keys.',
  },
  {
    key: 'endpoint',
    required: false,
    secret: false,
    description: 'Address of another service than Amazon: `https://s3.example.com`.',
  },
  {
    key: 'region',
    required: false,
    secret: false,
    description: 'Region of the bucket. By default the service is asked; a bucket that is made goes to `us-east-1`.',
  },
  {
    key: 'addressing',
    required: false,
    secret: false,
    default: 'auto',
    description:
      '`virtual` puts the name of the bucket into the host, `path` into the path; `auto` is `virtual` with Amazon and `path` elsewhere.',
  },
  { key: 'root', required: false, secret: false, description: 'The folder of the bucket that is mounted.' },
  {
    key: 'create_bucket',
    required: false,
    secret: false,
    default: 'yes',
    description: 'Whether the bucket is made where it is missing: `yes` or `no`.',
  },
  {
    key: 'preconditions',
    required: false,
    secret: false,
    default: 'auto',
    description:
      '`atomic`: the service keeps conditions of writes; `checked`: revisions are looked at before; `auto` is `atomic` with Amazon.',
  },
  {
    key: 'checksums',
    required: false,
    secret: false,
    default: 'auto',
    description:
      'What proves that data arrived whole: `crc32`, `md5`, `sha256` or `off`; `auto` takes what the service knows.',
  },
  {
    key: 'part_size',
    required: false,
    secret: false,
    default: '8',
    description: 'MB of one part of a large upload, at least 5.3; files of two parts and more are uploaded in parts.',
  },
  {
    key: 'storage_class',
    required: false,
    secret: false,
    description: 'Storage class of new files: `STANDARD_IA`. By default that of the bucket.',
  },
  {
    key: 'encryption',
    required: false,
    secret: false,
    description: 'Encryption of new files at the service: `AES256` or `aws:kms`. By default that of the bucket.',
  },
  {
    key: 'ca_file',
    required: false,
    secret: false,
    path: true,
    description: 'File (PEM) with the certificate of an authority of your own.',
  },
];

/** What may be chosen, for settings that are a choice. */
const choices = {
  addressing: ['auto', 'path', 'virtual'] satisfies readonly Addressing[],
  preconditions: ['auto', 'atomic', 'checked'],
  checksums: ['auto', 'crc32', 'md5', 'sha256', 'off'] satisfies readonly Checksums[],
} as const;

/** Opens Amazon S3 from settings. Throws a `StoreError` that says which setting is wrong. */
export function openS3(
  settings: Settings,
  environment: {
    readonly variables: Readonly<Record<string, string | undefined>>;
    readonly traffic: Traffic;
    readonly timeout?: number | undefined;
  },
): S3Store {
  const { bucket_name: bucket = 'cloudfusion', id, secret, profile, endpoint, region, root, encryption } = settings;
  const partSize = sizeIn(settings);
  return new S3Store({
    bucket,
    id,
    secret,
    profile,
    endpoint,
    region,
    root,
    encryption,
    sessionToken: settings['session_token'],
    addressing: choiceIn(settings, 'addressing'),
    createBucket: switchIn(settings, 'create_bucket', true),
    preconditions: choiceIn(settings, 'preconditions'),
    checksums: choiceIn(settings, 'checksums'),
    partSize,
    multipartFrom: partSize === undefined ? undefined : 2 * partSize,
    storageClass: settings['storage_class'],
    caFile: settings['ca_file'],
    ...environment,
  });
}

function choiceIn<K extends keyof typeof choices>(settings: Settings, key: K): (typeof choices)[K][number] | undefined {
  const text = settings[key]?.toLowerCase();
  if (text === undefined) return undefined;
  const choice = choices[key].find((known) => known === text);
  if (choice !== undefined) return choice;
  throw wrong(key, `one of ${choices[key].join(', ')}`, text);
}

function switchIn(settings: Settings, key: string, standard: boolean): boolean {
  const text = settings[key]?.toLowerCase();
  if (text === undefined) return standard;
  if (['yes', 'true', 'on', '1'].includes(text)) return true;
  if (['no', 'false', 'off', '0'].includes(text)) return false;
  throw wrong(key, 'yes or no', text);
}

const megabyte = 1_000_000;
const leastMegabytes = 5.3;
const mostMegabytes = 2500;

function sizeIn(settings: Settings): number | undefined {
  const text = settings['part_size'];
  if (text === undefined) return undefined;
  const size = Number(text);
  if (size >= leastMegabytes && size <= mostMegabytes) return Math.round(size * megabyte);
  throw wrong('part_size', `a number of MB from ${leastMegabytes} to ${mostMegabytes}`, text);
}

function wrong(key: string, rule: string, text: string): StoreError {
  return new StoreError('Unsupported', { message: `\`${key}\` is ${rule}, not "${text}"` });
}
