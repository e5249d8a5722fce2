import { HttpClient } from '../../http/http-client.ts';
import {
  optional,
  type ProviderEnvironment,
  type ProviderSetting,
  type Settings,
} from '../service/provider-setting.ts';
import { WebdavStore } from './webdav-store.ts';

/** The settings of WebDAV, as the list of providers shows them. */
export const webdavSettings: readonly ProviderSetting[] = [
  {
    key: 'url',
    required: true,
    secret: false,
    description: 'Address of the WebDAV directory: `https://cloud.example.com/remote.php/dav/files/anna/backup`.',
  },
  {
    ...optional,
    key: 'user',
    description: 'User name. Without it the server is asked as nobody in particular.',
  },
  {
    ...optional,
    key: 'password',
    secret: true,
    description: 'Password of the user, or an app password where the service has two-factor login.',
  },
  {
    ...optional,
    key: 'ca_file',
    path: true,
    description:
      'Certificate authority of the server (PEM), or its own certificate, where no public one vouches for it.',
  },
];

/** The store that settings describe. Nothing is sent yet. Throws `InvalidPath` for a url that is none, `Unsupported` for a bad `ca_file`. */
export function openWebdav(
  { url = '', user, password, ca_file: caFile }: Settings,
  { variables, traffic, timeout }: ProviderEnvironment,
): WebdavStore {
  return new WebdavStore({ url, user, password, http: new HttpClient({ traffic, timeout, variables, caFile }) });
}
