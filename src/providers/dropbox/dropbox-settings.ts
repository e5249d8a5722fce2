import { StoreError } from '../../store/errors.ts';
import {
  caFileSetting,
  optional,
  type ProviderEnvironment,
  type ProviderSetting,
  type Settings,
  wrongSetting,
} from '../service/provider-setting.ts';
import { DropboxStore } from './dropbox-store.ts';

/** The settings of Dropbox, as the list of providers shows them. */
export const dropboxSettings: readonly ProviderSetting[] = [
  { ...optional, key: 'id', description: 'Key of the app.' },
  { ...optional, key: 'secret', secret: true, description: 'Secret of the app.' },
  { ...optional, key: 'refresh_token', secret: true, description: 'Refresh token of a login.' },
  {
    ...optional,
    key: 'root',
    default: 'dropbox',
    description: '`dropbox` for all of it, or `app_folder` for an app that has a folder of its own.',
  },
  { ...optional, key: 'endpoint', description: 'Address of a service in the place of Dropbox.' },
  caFileSetting,
];

/** Opens Dropbox from settings. Nothing is sent yet. Throws a `StoreError` that says which setting is wrong. */
export function openDropbox(settings: Settings, environment: ProviderEnvironment): DropboxStore {
  const { id: appKey, secret: appSecret, refresh_token: refreshToken } = settings;
  const { root = 'dropbox', endpoint, ca_file: caFile } = settings;
  if (root !== 'dropbox' && root !== 'app_folder') throw wrongSetting('root', 'dropbox or app_folder', root);
  if (appKey === undefined || refreshToken === undefined) {
    const missing = appKey === undefined ? '`id`' : '`refresh_token`';
    throw new StoreError('Unauthenticated', {
      message: `${missing} is missing: a login has the key of an app and a refresh token`,
    });
  }
  return new DropboxStore({ appKey, appSecret, refreshToken, root, endpoint, caFile, ...environment });
}
