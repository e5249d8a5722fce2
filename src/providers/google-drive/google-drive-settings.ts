import { StoreError } from '../../store/errors.ts';
import { readServiceAccountKey } from '../google/service-account.ts';
import {
  caFileSetting,
  optional,
  type ProviderEnvironment,
  type ProviderSetting,
  type Settings,
  switchIn,
} from '../service/provider-setting.ts';
import { exportEndings } from './export-formats.ts';
import type { GoogleDriveCredentials } from './google-drive-options.ts';
import { GoogleDriveStore } from './google-drive-store.ts';

/** The settings of Google Drive, as the list of providers shows them. */
export const googleDriveSettings: readonly ProviderSetting[] = [
  { ...optional, key: 'id', description: 'Id of the OAuth client.' },
  { ...optional, key: 'secret', secret: true, description: 'Secret of the OAuth client.' },
  { ...optional, key: 'refresh_token', secret: true, description: 'Refresh token of an OAuth login.' },
  {
    ...optional,
    key: 'service_account_file',
    path: true,
    description: 'Key file (JSON) of a service account, in the place of an OAuth login.',
  },
  {
    ...optional,
    key: 'auth',
    description: '`default` logs in as whoever this computer is logged in as.',
  },
  { ...optional, key: 'drive_id', description: 'Id of a shared drive. By default the drive of the account.' },
  { ...optional, key: 'root', description: 'The folder that is mounted, made where it is missing.' },
  {
    ...optional,
    key: 'use_trash',
    default: 'yes',
    description: 'Whether what is deleted goes to the trash: `yes`, or `no` to delete it for good.',
  },
  {
    ...optional,
    key: 'export',
    description:
      "As what documents of Google's editors are read, by preference: `docx, xlsx, pptx, pdf`. By default they are links.",
  },
  { ...optional, key: 'endpoint', default: 'https://www.googleapis.com', description: 'Address of the service.' },
  caFileSetting,
];

/** Opens Google Drive from settings. Throws a `StoreError` that says which setting is wrong. */
export async function openGoogleDrive(settings: Settings, environment: ProviderEnvironment): Promise<GoogleDriveStore> {
  const { drive_id: driveId, root, endpoint, ca_file: caFile, export: formats } = settings;
  const deletePermanently = !switchIn(settings, 'use_trash', true);
  const exportAs = exportEndings(formats ?? '');
  const credentials = await credentialsIn(settings);
  const how = { exportAs, deletePermanently };
  return new GoogleDriveStore({ credentials, driveId, root, endpoint, caFile, ...how, ...environment });
}

async function credentialsIn(settings: Settings): Promise<GoogleDriveCredentials> {
  const { service_account_file: file, id, secret, refresh_token: refreshToken, auth } = settings;
  if (auth !== undefined && auth !== 'default')
    throw new StoreError('Unsupported', { message: '`auth` is `default`, or left out' });
  const isLogin = id !== undefined || secret !== undefined || refreshToken !== undefined;
  const ways = [auth !== undefined, file !== undefined, isLogin].filter(Boolean).length;
  if (ways > 1)
    throw refusal('there are two ways to log in; keep one of `auth`, `service_account_file`, `refresh_token`');
  if (auth !== undefined) return 'default';
  if (file !== undefined) return { serviceAccount: await readServiceAccountKey(file) };
  if (id === undefined || secret === undefined || refreshToken === undefined) {
    const missing = Object.entries({ id, secret, refresh_token: refreshToken }).filter(
      ([, text]) => text === undefined,
    );
    const names = missing.map(([name]) => `\`${name}\``).join(', ');
    throw refusal(`${names} is missing: a login has an id and a secret of an OAuth client, and a refresh token`);
  }
  return { login: { clientId: id, clientSecret: secret, refreshToken } };
}

function refusal(message: string): StoreError {
  return new StoreError('Unauthenticated', { message });
}
