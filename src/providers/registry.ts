import type { Store } from '../store/store.ts';
import type { ProviderLogin } from '../http/oauth/provider-login.ts';
import { optional, type ProviderEnvironment, type ProviderSetting, type Settings } from './service/provider-setting.ts';
import { dropboxLogin } from './dropbox/dropbox-login.ts';
import { dropboxSettings, openDropbox } from './dropbox/dropbox-settings.ts';
import { googleStorageSettings, openGoogleStorage } from './gcs/google-settings.ts';
import { googleStorageLogin } from './gcs/google-storage-login.ts';
import { driveLogin } from './google-drive/google-drive-login.ts';
import { googleDriveSettings, openGoogleDrive } from './google-drive/google-drive-settings.ts';
import { LocalStore } from './local/local-store.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { openS3, s3Settings } from './s3/s3-settings.ts';
import { sugarSyncLogin } from './sugarsync/sugarsync-login.ts';
import { openSugarSync, sugarSyncSettings } from './sugarsync/sugarsync-settings.ts';
import { openWebdav, webdavSettings } from './webdav/webdav-settings.ts';

/** How a store is opened from settings. */
export interface Provider {
  /** Other names by which a configuration may call it. */
  readonly names: readonly string[];
  readonly settings: readonly ProviderSetting[];
  /** How a person logs in, where the service has more than passwords and keys. Its settings have a `login_file`. */
  readonly login?: ProviderLogin | undefined;
  /** Opens the store; settings are those above, all of the required ones among them. Throws a `StoreError` that says what is wrong. */
  open(settings: Settings, environment: ProviderEnvironment): Store | Promise<Store>;
}

/** What `cloudfusion login` wrote stands for the settings that it holds. */
const loginFile: ProviderSetting = {
  ...optional,
  key: 'login_file',
  path: true,
  description: 'What `cloudfusion login` has written, in the place of id, secret and token.',
};

/** Every provider, by the name that configurations and documents use. */
export const providers: Readonly<Record<string, Provider>> = {
  'amazon s3': {
    names: ['s3', 'amazon'],
    settings: s3Settings,
    open: openS3,
  },
  dropbox: {
    names: [],
    settings: [...dropboxSettings, loginFile],
    login: dropboxLogin(),
    open: openDropbox,
  },
  'google drive': {
    names: ['gdrive', 'drive'],
    settings: [...googleDriveSettings, loginFile],
    login: driveLogin(),
    open: openGoogleDrive,
  },
  'google storage': {
    names: ['gcs', 'gs', 'google cloud storage', 'google'],
    settings: [...googleStorageSettings, loginFile],
    login: googleStorageLogin(),
    open: openGoogleStorage,
  },
  local: {
    names: ['hdd', 'disk'],
    settings: [
      { key: 'root', required: true, secret: false, path: true, description: 'The directory that holds the files.' },
    ],
    open: ({ root = '' }) => new LocalStore({ root }),
  },
  memory: {
    names: [],
    settings: [],
    open: () => new MemoryStore(),
  },
  sugarsync: {
    names: [],
    settings: [...sugarSyncSettings, loginFile],
    login: sugarSyncLogin(),
    open: openSugarSync,
  },
  webdav: {
    names: ['dav'],
    settings: webdavSettings,
    open: openWebdav,
  },
};
