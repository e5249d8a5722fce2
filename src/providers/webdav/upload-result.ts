import type { HttpHeaders } from '../../http/http-request.ts';
import type { FileEntry, Metadata } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { findEntry } from './find-resource.ts';
import { timeOf } from './multistatus.ts';
import { opaqueTag } from './revision.ts';

/** What was uploaded, and what the server said to it. */
export interface Uploaded {
  readonly path: string;
  readonly size: number;
  readonly headers: HttpHeaders;
  /** The time that was sent along, where the server keeps such times. Milliseconds, whole seconds. */
  readonly modified?: number | undefined;
  /** What was given to it, where the server keeps such. */
  readonly metadata?: Metadata | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The entry of a file that was just uploaded. Nextcloud tells all of it in its answer; others are asked. What they then tell is of
 * another upload where size or ETag differ; our own is all that is known in that case.
 */
export async function entryOfUpload(server: DavServer, uploaded: Uploaded): Promise<FileEntry> {
  const { path, size, headers, modified, metadata, signal } = uploaded;
  const told = metadata === undefined ? {} : { metadata };
  const etag = headers['oc-etag'] ?? headers['etag'];
  const revision = etag === undefined ? undefined : opaqueTag(etag);
  const isKept = headers['x-oc-mtime'] === 'accepted';
  if (isKept && modified !== undefined && revision !== undefined)
    return { kind: 'file', path, size, modified, revision, ...told };
  const found = await findEntry(server, path, signal);
  const isOurs = found?.kind === 'file' && found.size === size && (revision ?? found.revision) === found.revision;
  if (isOurs) return found;
  return { kind: 'file', path, size, modified: modified ?? timeOf(headers['date']) ?? Date.now(), revision, ...told };
}
