import type { HttpClient } from '../../http/http-client.ts';
import { StoreError } from '../../store/errors.ts';
import type { ServerAddress } from './connect-server.ts';

/** Options of `WebdavStore`. */
export interface WebdavStoreOptions {
  /** The directory that becomes the root: `https://cloud.example/remote.php/dav/files/anna/backup`. Port and scheme as given. */
  readonly url: string;
  /** Without a user nothing is sent that identifies anybody. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Sends the requests; the store closes it. @default one of its own */
  readonly http?: HttpClient | undefined;
  /** Bytes in one chunk of a large upload to Nextcloud, which takes 5 MiB to 5 GiB. @default 10 MiB */
  readonly chunkBytes?: number | undefined;
}

const smallestChunk = 5 << 20;
const largestChunk = 5 * 1024 ** 3;
const defaultChunk = 10 << 20;

const schemes: Readonly<Record<string, string>> = {
  'http:': 'http:',
  'https:': 'https:',
  'dav:': 'http:',
  'davs:': 'https:',
  'webdav:': 'http:',
  'webdavs:': 'https:',
};

/** Where a store's server is. Throws `InvalidPath` for a url that is none, with what is wrong about it. */
export function addressOf({ url, user, password = '' }: WebdavStoreOptions): ServerAddress {
  const [, scheme = '', rest = ''] = /^\s*([a-z][a-z0-9+.-]*:)\/\/(.*?)\s*$/i.exec(url) ?? [];
  const known = schemes[scheme.toLowerCase()];
  const address = `${known}//${rest}`;
  if (known === undefined || !URL.canParse(address))
    throw badUrl('url begins with https:// or http://, then comes the host');
  const { origin, pathname, username, password: inside, search } = new URL(address);
  if (username !== '' || inside !== '')
    throw badUrl('url holds no user and no password: they are settings of their own');
  if (search !== '') throw badUrl('url is the address of a directory, without a question mark');
  const credentials = user === undefined || user === '' ? undefined : { user, password };
  if (credentials?.user.includes(':') === true) throw badUrl('a user name has no colon');
  return { root: { origin, path: pathname.replace(/\/+$/, '') }, credentials };
}

/** The size of chunks. Throws a `RangeError` for one that Nextcloud does not take. */
export function chunkBytesOf({ chunkBytes = defaultChunk }: WebdavStoreOptions): number {
  if (Number.isSafeInteger(chunkBytes) && chunkBytes >= smallestChunk && chunkBytes <= largestChunk) return chunkBytes;
  throw new RangeError(`chunkBytes is from ${smallestChunk} to ${largestChunk}, not ${chunkBytes}`);
}

function badUrl(message: string): StoreError {
  return new StoreError('InvalidPath', { store: 'webdav', message });
}
