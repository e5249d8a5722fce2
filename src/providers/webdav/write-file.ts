import type { HttpHeaders } from '../../http/http-request.ts';
import { StoreError } from '../../store/errors.ts';
import { nameOf } from '../../store/path.ts';
import type { FileEntry } from '../../store/store.ts';
import { conditionOf, lookingFirst } from './conditions.ts';
import { putMetadata } from './dav-metadata.ts';
import type { DavServer } from './dav-server.ts';
import { putFile, type Upload } from './put-file.ts';
import { isEtag } from './revision.ts';
import { leaveSecondOf } from './server-second.ts';
import { writeStaged } from './staged-upload.ts';
import { entryOfUpload, type Uploaded } from './upload-result.ts';
import { giveUpObsolete, writeInChunks } from './chunked-upload.ts';

/**
 * Up to this size a condition is kept well enough by the PUT itself. Servers look at it before the body comes; that of a larger file
 * takes so long that the condition is kept at a move afterwards.
 */
const conditionalPutUpTo = 1 << 20;

/** lighttpd adds some letters to the name while it receives a file, and none may be longer than 255 bytes. */
const longestPutName = 200;

/** How files are uploaded. */
export interface UploadSizes {
  /** Bytes in one chunk of a large file, where the server takes chunks. */
  readonly chunkBytes: number;
  /** Smallest file that goes in chunks. */
  readonly chunkFrom: number;
}

/** `Store.write`: in chunks, by one PUT, or beside its place and then moved there, whatever the server does safely. */
export async function writeFile(server: DavServer, upload: Upload, sizes: UploadSizes): Promise<FileEntry> {
  const { path, source, signal } = upload;
  if (path === '/') throw new StoreError('IsADirectory', { path });
  return await server.writers.inTurn(path, signal, async () => {
    const modified = server.traits.isNextcloud ? wholeSecond(upload.modified ?? Date.now()) : undefined;
    const headers = await send(server, { ...upload, modified }, sizes);
    const uploaded = { path, size: source.size, headers, modified, signal };
    return server.keepsProperties ? await described(server, uploaded, upload) : await entryOfUpload(server, uploaded);
  });
}

/** The entry of an upload with its metadata, given after the bytes: a break between leaves the file without it. */
async function described(server: DavServer, uploaded: Uploaded, upload: Upload): Promise<FileEntry> {
  const { path, signal } = uploaded;
  const { metadata: wanted = {}, ifRevision } = upload;
  const isNew = ifRevision === null;
  const isNone = Object.keys(wanted).length === 0;
  if (!isNone) await putMetadata(server, path, { wanted, known: undefined, signal });
  const entry = await entryOfUpload(server, { ...uploaded, metadata: isNone && !isNew ? undefined : wanted });
  if (isNone) await putMetadata(server, path, { wanted, known: isNew ? {} : entry.metadata, signal });
  return { ...entry, metadata: wanted };
}

async function send(server: DavServer, upload: Upload, { chunkBytes, chunkFrom }: UploadSizes): Promise<HttpHeaders> {
  const { path, source, ifRevision } = upload;
  const { putIsAtomic, isNextcloud, wantsMoves } = server.traits;
  if (server.uploads !== undefined) await giveUpObsolete(server, server.uploads, upload.resume?.obsolete);
  if (server.uploads !== undefined && source.size >= chunkFrom && !server.refusesChunks) {
    const headers = await writeInChunks(server, server.uploads, upload, chunkBytes);
    if (headers !== undefined) return headers;
  }
  const isKept = ifRevision === undefined || isNextcloud || source.size <= conditionalPutUpTo;
  const isTaken = !wantsMoves || (source.size > 0 && Buffer.byteLength(nameOf(path)) <= longestPutName);
  return putIsAtomic && isKept && isTaken ? await writeDirectly(server, upload) : await writeStaged(server, upload);
}

async function writeDirectly(server: DavServer, upload: Upload): Promise<HttpHeaders> {
  const { path, ifRevision, signal } = upload;
  if (server.traits.keepsConditions) {
    if (ifRevision === undefined) return await putFile(server, upload);
    if (ifRevision !== null && !isEtag(ifRevision)) throw new StoreError('Conflict', { path });
    return await putFile(server, upload, conditionOf(server, ifRevision));
  }
  return await lookingFirst(server, { path, ifRevision, isTarget: false, signal }, async (found, condition) => {
    if (found?.kind === 'directory') throw new StoreError('IsADirectory', { path });
    await leaveSecondOf(server, found, signal);
    return await putFile(server, upload, condition);
  });
}

function wholeSecond(time: number): number {
  return Math.floor(time / 1000) * 1000;
}
