import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';
import { type GoogleCredentials, GoogleStorageStore } from './google-storage-store.ts';
import { readServiceAccountKey } from '../google/service-account.ts';

/** Settings by their keys in the configuration. */
type Settings = Readonly<Record<string, string>>;

/** The settings of Google Cloud Storage, as the list of providers shows them. */
export const googleStorageSettings: readonly {
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
    key: 'service_account_file',
    required: false,
    secret: false,
    path: true,
    description: 'Key file (JSON) of a service account.',
  },
  {
    key: 'id',
    required: false,
    secret: false,
    description: 'Access key of an HMAC key; with `refresh_token` the id of the OAuth client.',
  },
  {
    key: 'secret',
    required: false,
    secret: true,
    description: 'Secret of the HMAC key; with `refresh_token` the secret of the OAuth client.',
  },
  { key: 'refresh_token', required: false, secret: true, description: 'Refresh token of an OAuth login.' },
  {
    key: 'auth',
    required: false,
    secret: false,
    description:
      '`default` logs in as whoever this computer is logged in as. That is done too when neither a key nor a token is given.',
  },
  {
    key: 'project',
    required: false,
    secret: false,
    description: 'Id of the project in which the bucket is made. By default that of the service account.',
  },
  {
    key: 'location',
    required: false,
    secret: false,
    description: 'Where the bucket is made: `EU`, `europe-west3`. By default where Google does, which is `US`.',
  },
  {
    key: 'create_bucket',
    required: false,
    secret: false,
    default: 'yes',
    description: 'Whether the bucket is made where it is missing: `yes` or `no`.',
  },
  { key: 'root', required: false, secret: false, description: 'The folder of the bucket that is mounted.' },
  {
    key: 'endpoint',
    required: false,
    secret: false,
    default: 'https://storage.googleapis.com',
    description: 'Address of the service.',
  },
  {
    key: 'ca_file',
    required: false,
    secret: false,
    path: true,
    description: 'File (PEM) with the certificate of an authority of your own.',
  },
];

/** Opens Google Cloud Storage from settings. Throws a `StoreError` that says which setting is wrong. */
export async function openGoogleStorage(
  settings: Settings,
  environment: {
    readonly variables: Readonly<Record<string, string | undefined>>;
    readonly traffic: Traffic;
    readonly timeout?: number | undefined;
  },
): Promise<GoogleStorageStore> {
  const { bucket_name: bucket = 'cloudfusion', root, project, location, endpoint } = settings;
  const createBucket = parseSwitch('create_bucket', settings['create_bucket'] ?? 'yes');
  const credentials = await credentialsIn(settings);
  const caFile = settings['ca_file'];
  const store = { bucket, root, project, location, endpoint, createBucket, credentials, caFile };
  return new GoogleStorageStore({ ...store, ...environment });
}

/** What the settings prove who it is by. Throws `Unauthenticated` for half a key, and for more than one way to log in. */
async function credentialsIn(settings: Settings): Promise<GoogleCredentials> {
  const { service_account_file: file, id, secret, refresh_token: refreshToken, auth } = settings;
  if (auth !== undefined && auth !== 'default') {
    throw new StoreError('Unsupported', { message: '`auth` is `default`, or left out' });
  }
  const given = [
    auth === undefined ? undefined : '`auth`',
    file === undefined ? undefined : '`service_account_file`',
    id === undefined && secret === undefined && refreshToken === undefined ? undefined : '`id` and `secret`',
  ].filter((way) => way !== undefined);
  if (given.length > 1) throw refusal(`there are two ways to log in, ${given.join(' and ')}: remove one`);
  if (file !== undefined) return { serviceAccount: await readServiceAccountKey(file) };
  if (given.length === 0 || auth !== undefined) return 'default';
  if (id === undefined || secret === undefined) {
    throw refusal(`\`${id === undefined ? 'id' : 'secret'}\` is missing: \`id\` and \`secret\` belong together`);
  }
  if (refreshToken !== undefined) return { login: { clientId: id, clientSecret: secret, refreshToken } };
  return { hmac: { id, secret } };
}

function parseSwitch(key: string, text: string): boolean {
  if (/^(?:yes|true|on|1)$/i.test(text)) return true;
  if (/^(?:no|false|off|0)$/i.test(text)) return false;
  throw new StoreError('Unsupported', { message: `\`${key}\` is yes or no, not "${text}"` });
}

function refusal(message: string): StoreError {
  return new StoreError('Unauthenticated', { message });
}
