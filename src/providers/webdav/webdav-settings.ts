import { HttpClient } from '../../http/http-client.ts';
import type { Traffic } from '../../http/traffic.ts';
import { WebdavStore } from './webdav-store.ts';

/** The settings of WebDAV, as the list of providers shows them. */
export const webdavSettings: readonly {
  readonly key: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly path?: boolean;
  readonly description: string;
}[] = [
  {
    key: 'url',
    required: true,
    secret: false,
    description: 'Address of the WebDAV directory: `https://cloud.example.com/remote.php/dav/files/anna/backup`.',
  },
  {
    key: 'user',
    required: false,
    secret: false,
    description: 'User name. Without it the server is asked as nobody in particular.',
  },
  {
    key: 'password',
    required: false,
    secret: true,
    description: 'Password of the user, or an app password where the service has two-factor login.',
  },
  {
    key: 'ca_file',
    required: false,
    secret: false,
    path: true,
    description:
      'Certificate authority of the server (PEM), or its own certificate, where no public one vouches for it.',
  },
];

/** What the store needs of whoever opens it. */
interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly traffic: Traffic;
  readonly timeout?: number | undefined;
}

/** The store that settings describe. Nothing is sent yet. Throws `InvalidPath` for a url that is none, `Unsupported` for a bad `ca_file`. */
export function openWebdav(
  { url = '', user, password, ca_file: caFile }: Readonly<Record<string, string>>,
  { variables, traffic, timeout }: Environment,
): WebdavStore {
  return new WebdavStore({ url, user, password, http: new HttpClient({ traffic, timeout, variables, caFile }) });
}
