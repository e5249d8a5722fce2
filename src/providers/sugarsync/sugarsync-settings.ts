import { StoreError } from '../../store/errors.ts';
import {
  caFileSetting,
  optional,
  type ProviderEnvironment,
  type ProviderSetting,
  type Settings,
  switchIn,
  wrongSetting,
} from '../service/provider-setting.ts';
import { SugarSyncStore } from './sugarsync-store.ts';

/** The settings of SugarSync, as the list of providers shows them. */
export const sugarSyncSettings: readonly ProviderSetting[] = [
  { ...optional, key: 'id', description: 'Access key id of the developer.' },
  { ...optional, key: 'secret', secret: true, description: 'Private access key of the developer.' },
  { ...optional, key: 'refresh_token', secret: true, description: 'Refresh token of a login.' },
  {
    ...optional,
    key: 'root',
    description:
      'The folder that is mounted, beginning with its sync folder (`Magic Briefcase/files`), made where it is missing. By default, and with `2`, the list of sync folders.',
  },
  {
    ...optional,
    key: 'use_trash',
    default: 'yes',
    description: 'Whether what is deleted goes to the deleted files: `yes`, or `no` to delete it for good.',
  },
  {
    ...optional,
    key: 'max_file_size',
    description: 'MB of the largest file that the account takes: `100` for old ones. By default no limit is known.',
  },
  { ...optional, key: 'endpoint', default: 'https://api.sugarsync.com', description: 'Address of the service.' },
  caFileSetting,
];

const megabyte = 1_000_000;

/** Opens SugarSync from settings. Nothing is sent yet. Throws a `StoreError` that says which setting is wrong. */
export function openSugarSync(settings: Settings, environment: ProviderEnvironment): SugarSyncStore {
  const { id: accessKeyId, secret: privateAccessKey, refresh_token: refreshToken } = settings;
  const { root, max_file_size: largest, endpoint, ca_file: caFile } = settings;
  if (largest !== undefined && !(Number(largest) > 0)) throw wrongSetting('max_file_size', 'a number of MB', largest);
  if (accessKeyId === undefined || privateAccessKey === undefined || refreshToken === undefined) {
    const missing = Object.entries({ id: accessKeyId, secret: privateAccessKey, refresh_token: refreshToken })
      .filter(([, text]) => text === undefined)
      .map(([name]) => `\`${name}\``);
    const message = `${missing.join(', ')} is missing: \`cloudfusion login sugarsync\` exchanges a password for what it takes`;
    throw new StoreError('Unauthenticated', { message });
  }
  return new SugarSyncStore({
    accessKeyId,
    privateAccessKey,
    refreshToken,
    // The number of the workspace, in configurations of the first CloudFusion.
    root: root === '2' ? undefined : root,
    deletePermanently: !switchIn(settings, 'use_trash', true),
    maxFileSize: largest === undefined ? undefined : Math.floor(Number(largest) * megabyte),
    endpoint,
    caFile,
    ...environment,
  });
}
