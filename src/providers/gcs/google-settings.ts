import { StoreError } from '../../store/errors.ts';
import {
  caFileSetting,
  optional,
  type ProviderEnvironment,
  type ProviderSetting,
  type Settings,
  switchIn,
} from '../service/provider-setting.ts';
import { type GoogleCredentials, GoogleStorageStore } from './google-storage-store.ts';
import { readServiceAccountKey } from '../google/service-account.ts';

/** The settings of Google Cloud Storage, as the list of providers shows them. */
export const googleStorageSettings: readonly ProviderSetting[] = [
  {
    ...optional,
    key: 'bucket_name',
    default: 'cloudfusion',
    description: 'The bucket. Names are unique in the world: `cloudfusion uuid` proposes one.',
  },
  {
    ...optional,
    key: 'service_account_file',
    path: true,
    description: 'Key file (JSON) of a service account.',
  },
  {
    ...optional,
    key: 'id',
    description: 'Access key of an HMAC key; with `refresh_token` the id of the OAuth client.',
  },
  {
    ...optional,
    key: 'secret',
    secret: true,
    description: 'Secret of the HMAC key; with `refresh_token` the secret of the OAuth client.',
  },
  { ...optional, key: 'refresh_token', secret: true, description: 'Refresh token of an OAuth login.' },
  {
    ...optional,
    key: 'auth',
    description:
      '`default` logs in as whoever this computer is logged in as. That is done too when neither a key nor a token is given.',
  },
  {
    ...optional,
    key: 'project',
    description: 'Id of the project in which the bucket is made. By default that of the service account.',
  },
  {
    ...optional,
    key: 'location',
    description: 'Where the bucket is made: `EU`, `europe-west3`. By default where Google does, which is `US`.',
  },
  {
    ...optional,
    key: 'create_bucket',
    default: 'yes',
    description: 'Whether the bucket is made where it is missing: `yes` or `no`.',
  },
  { ...optional, key: 'root', description: 'The folder of the bucket that is mounted.' },
  {
    ...optional,
    key: 'endpoint',
    default: 'https://storage.googleapis.com',
    description: 'Address of the service.',
  },
  caFileSetting,
];

/** Opens Google Cloud Storage from settings. Throws a `StoreError` that says which setting is wrong. */
export async function openGoogleStorage(
  settings: Settings,
  environment: ProviderEnvironment,
): Promise<GoogleStorageStore> {
  const { bucket_name: bucket = 'cloudfusion', root, project, location, endpoint } = settings;
  const createBucket = switchIn(settings, 'create_bucket', true);
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

function refusal(message: string): StoreError {
  return new StoreError('Unauthenticated', { message });
}
