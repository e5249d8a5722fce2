import {
  caFileSetting,
  optional,
  type ProviderEnvironment,
  type ProviderSetting,
  type Settings,
  switchIn,
  wrongSetting,
} from '../service/provider-setting.ts';
import type { Addressing } from './s3-endpoint.ts';
import { type Checksums, S3Store } from './s3-store.ts';

/** The settings of Amazon S3, as the list of providers shows them. */
export const s3Settings: readonly ProviderSetting[] = [
  {
    ...optional,
    key: 'bucket_name',
    default: 'cloudfusion',
    description: 'The bucket. Names are unique in the world: `cloudfusion uuid` proposes one.',
  },
  {
    ...optional,
    key: 'id',
    description:
      'Access key. Without it the keys come from the environment, the shared AWS files, or the metadata service of the container or instance.',
  },
  { ...optional, key: 'secret', secret: true, description: 'Secret of the access key.' },
  { ...optional, key: 'session_token', secret: true, description: 'Token that goes with temporary keys.' },
  {
    ...optional,
    key: 'profile',
    description: 'Profile of `~/.aws/credentials` and `~/.aws/config` that has the keys.',
  },
  {
    ...optional,
    key: 'endpoint',
    description: 'Address of another service than Amazon: `https://s3.example.com`.',
  },
  {
    ...optional,
    key: 'region',
    description: 'Region of the bucket. By default the service is asked; a bucket that is made goes to `us-east-1`.',
  },
  {
    ...optional,
    key: 'addressing',
    default: 'auto',
    description:
      '`virtual` puts the name of the bucket into the host, `path` into the path; `auto` is `virtual` with Amazon and `path` elsewhere.',
  },
  { ...optional, key: 'root', description: 'The folder of the bucket that is mounted.' },
  {
    ...optional,
    key: 'create_bucket',
    default: 'yes',
    description: 'Whether the bucket is made where it is missing: `yes` or `no`.',
  },
  {
    ...optional,
    key: 'preconditions',
    default: 'auto',
    description:
      '`atomic`: the service keeps conditions of writes; `checked`: revisions are looked at before; `auto` is `atomic` with Amazon.',
  },
  {
    ...optional,
    key: 'checksums',
    default: 'auto',
    description:
      'What proves that data arrived whole: `crc32`, `md5`, `sha256` or `off`; `auto` takes what the service knows.',
  },
  {
    ...optional,
    key: 'part_size',
    default: '8',
    description: 'MB of one part of a large upload, at least 5.3; files of two parts and more are uploaded in parts.',
  },
  {
    ...optional,
    key: 'storage_class',
    description: 'Storage class of new files: `STANDARD_IA`. By default that of the bucket.',
  },
  {
    ...optional,
    key: 'encryption',
    description: 'Encryption of new files at the service: `AES256` or `aws:kms`. By default that of the bucket.',
  },
  caFileSetting,
];

/** What may be chosen, for settings that are a choice. */
const choices = {
  addressing: ['auto', 'path', 'virtual'] satisfies readonly Addressing[],
  preconditions: ['auto', 'atomic', 'checked'],
  checksums: ['auto', 'crc32', 'md5', 'sha256', 'off'] satisfies readonly Checksums[],
} as const;

/** Opens Amazon S3 from settings. Throws a `StoreError` that says which setting is wrong. */
export function openS3(settings: Settings, environment: ProviderEnvironment): S3Store {
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
  throw wrongSetting(key, `one of ${choices[key].join(', ')}`, text);
}

const megabyte = 1_000_000;
const leastMegabytes = 5.3;
const mostMegabytes = 2500;

function sizeIn(settings: Settings): number | undefined {
  const text = settings['part_size'];
  if (text === undefined) return undefined;
  const size = Number(text);
  if (size >= leastMegabytes && size <= mostMegabytes) return Math.round(size * megabyte);
  throw wrongSetting('part_size', `a number of MB from ${leastMegabytes} to ${mostMegabytes}`, text);
}
