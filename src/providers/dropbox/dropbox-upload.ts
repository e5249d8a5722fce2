import { StoreError } from '../../store/errors.ts';
import type { CallOptions, FileEntry, Source, WriteOptions } from '../../store/store.ts';
import { contentHash } from './content-hash.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { type DropboxMetadata, dropboxTime, fileEntryOf } from './dropbox-metadata.ts';
import { dropboxPath } from './dropbox-path.ts';
import { gatheredBytes, type GatheredWrites } from './gathered-writes.ts';
import { heldBytes } from './held-bytes.ts';
import { uploadAlone } from './small-upload.ts';
import { chunkBytes, uploadInSessions } from './upload-session.ts';
import type { SmallWrite } from './waiting-write.ts';

type Commit = SmallWrite['commit'];

/** What `writeFile` sends with. */
export interface DropboxWriting {
  readonly client: DropboxClient;
  readonly gathered: GatheredWrites;
}

/**
 * `Store.write`: small files together with others, larger ones in one request, or in a session of several. Each request carries the
 * checksum of its bytes.
 */
export async function writeFile(
  { client, gathered }: DropboxWriting,
  path: string,
  source: Source,
  options: WriteOptions,
): Promise<FileEntry> {
  if (path === '/') throw new StoreError('IsADirectory', { path });
  const commit = commitOf(path, options);
  const { signal } = options;
  const written =
    source.size <= chunkBytes
      ? await uploadWhole({ client, gathered }, commit, source, { signal })
      : await uploadInSessions({ client, commit, source, resume: options.resume, signal });
  return fileEntryOf(written, path);
}

/** `strict_conflict`, because Dropbox else lets pass what it thinks does no harm. */
function commitOf(path: string, { ifRevision, modified }: WriteOptions): Commit {
  const isConditional = ifRevision !== undefined;
  const mode =
    ifRevision === undefined ? 'overwrite' : ifRevision === null ? 'add' : { '.tag': 'update', update: ifRevision };
  return {
    path: dropboxPath(path),
    mode,
    autorename: false,
    mute: true,
    strict_conflict: isConditional,
    ...(modified === undefined ? {} : { client_modified: dropboxTime(modified) }),
  };
}

async function uploadWhole(
  { client, gathered }: DropboxWriting,
  commit: Commit,
  source: Source,
  options: CallOptions,
): Promise<DropboxMetadata> {
  const bytes = await heldBytes(source, options);
  const write = { commit, bytes, sum: contentHash(bytes) };
  return source.size <= gatheredBytes
    ? await gathered.write(write, options)
    : await uploadAlone(client, write, options);
}
