import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';
import { SugarSyncStore } from './sugarsync-store.ts';

const optional = { required: false, secret: false } as const;

/** The settings of SugarSync, as the list of providers shows them. */
export const sugarSyncSettings: readonly {
  readonly key: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly default?: string;
  readonly path?: boolean;
  readonly description: string;
}[] = [
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
  {
    ...optional,
    key: 'ca_file',
    path: true,
    description: 'File (PEM) with the certificate of an authority of your own.',
  },
];

const megabyte = 1_000_000;

/** Opens SugarSync from settings. Nothing is sent yet. Throws a `StoreError` that says which setting is wrong. */
export function openSugarSync(
  settings: Readonly<Record<string, string>>,
  environment: {
    readonly variables: Readonly<Record<string, string | undefined>>;
    readonly traffic: Traffic;
    readonly timeout?: number | undefined;
  },
): SugarSyncStore {
  const { id: accessKeyId, secret: privateAccessKey, refresh_token: refreshToken } = settings;
  const { root, use_trash: trash = 'yes', max_file_size: largest, endpoint, ca_file: caFile } = settings;
  if (!/^(?:yes|true|on|1|no|false|off|0)$/i.test(trash))
    throw new StoreError('Unsupported', { message: `\`use_trash\` is yes or no, not "${trash}"` });
  if (largest !== undefined && !(Number(largest) > 0))
    throw new StoreError('Unsupported', { message: `\`max_file_size\` is a number of MB, not "${largest}"` });
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
    deletePermanently: /^(?:no|false|off|0)$/i.test(trash),
    maxFileSize: largest === undefined ? undefined : Math.floor(Number(largest) * megabyte),
    endpoint,
    caFile,
    ...environment,
  });
}
