import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions, Entry } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { type DropboxMetadata, entryOf } from './dropbox-metadata.ts';
import { dropboxPath, isRefused } from './dropbox-path.ts';

/** What stands at a path that is not the root, or undefined. */
export async function lookUp(
  client: DropboxClient,
  path: string,
  options: CallOptions,
): Promise<DropboxMetadata | undefined> {
  if (isRefused(path)) return undefined;
  try {
    return await client.rpc('files/get_metadata', { path: dropboxPath(path) }, options);
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** The entry at a path, or undefined. Of the root Dropbox tells nothing; it is asked for one name in it, so that an account that is out of reach is noticed. */
export async function findEntry(client: DropboxClient, path: string, options: CallOptions): Promise<Entry | undefined> {
  if (path === '/') {
    await client.rpc('files/list_folder', { path: '', limit: 1 }, options);
    return { kind: 'directory', path };
  }
  const found = await lookUp(client, path, options);
  return found === undefined ? undefined : entryOf(found, path);
}

/** `Store.stat`. */
export async function statPath(client: DropboxClient, path: string, options: CallOptions): Promise<Entry> {
  const found = await findEntry(client, path, options);
  if (found === undefined) throw new StoreError('NotFound', { path });
  return found;
}

/** `Store.makeDirectory`. */
export async function makeFolder(client: DropboxClient, path: string, options: CallOptions): Promise<void> {
  if (path === '/') return;
  try {
    await client.rpc('files/create_folder_v2', { path: dropboxPath(path), autorename: false }, options);
  } catch (error) {
    if (isStoreError(error, 'IsADirectory')) return;
    if (isStoreError(error, 'Conflict')) throw new StoreError('AlreadyExists', { path, cause: error });
    throw error;
  }
}
