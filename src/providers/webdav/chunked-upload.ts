import { randomUUID } from 'node:crypto';
import type { HttpHeaders } from '../../http/http-request.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { arrivedChunks, chunksOf, parseState, type UploadState } from './chunk-state.ts';
import { lookingFirst } from './conditions.ts';
import { failureOf } from './dav-failure.ts';
import { assertDone, type DavServer, isDone } from './dav-server.ts';
import { makeParents } from './directories.ts';
import { findEntry } from './find-resource.ts';
import type { Upload } from './put-file.ts';

const chunksAtOnce = 3;

/** Statuses of a server that has no folder for chunks at all. */
const noChunks: ReadonlySet<number> = new Set([400, 403, 404, 405, 409, 501]);

/**
 * Uploads in chunks as Nextcloud takes them (its developer manual: "Chunked file upload", version 2): a folder for the upload, numbered
 * chunks in it, and a MOVE that puts them together. What has arrived is used again by the next call with the
 * saved state. Answers the headers of the MOVE, undefined where the server takes no chunks.
 */
export async function writeInChunks(
  server: DavServer,
  uploads: string,
  upload: Upload,
  chunkBytes: number,
): Promise<HttpHeaders | undefined> {
  const { path, resume, ifRevision, signal } = upload;
  const found = await findEntry(server, path, signal);
  if (found?.kind === 'directory') throw new StoreError('IsADirectory', { path });
  if (ifRevision !== undefined && (found?.revision ?? null) !== ifRevision) throw new StoreError('Conflict', { path });
  if (found === undefined) await makeParents(server, path, signal);

  const begun = await beginOrGoOn(server, uploads, upload, chunkBytes);
  if (begun === undefined) return undefined;
  const { state, arrived } = begun;
  try {
    await sendChunks(server, uploads, upload, state, arrived);
    const headers = await assemble(server, uploads, upload, state);
    resume?.save(undefined);
    return headers;
  } catch (error) {
    const isUseless = resume === undefined || isStoreError(error, 'Conflict');
    if (isUseless) await removeUpload(server, uploads, state);
    if (isUseless) resume?.save(undefined);
    throw error;
  }
}

/** Gives the upload of content up that is no longer wanted. */
export async function giveUpObsolete(server: DavServer, uploads: string, saved: string | undefined): Promise<void> {
  const obsolete = parseState(saved);
  if (obsolete !== undefined) await removeUpload(server, uploads, obsolete);
}

async function beginOrGoOn(
  server: DavServer,
  uploads: string,
  upload: Upload,
  chunkBytes: number,
): Promise<{ state: UploadState; arrived: ReadonlySet<number> } | undefined> {
  const { path, source, resume, signal } = upload;
  const saved = parseState(resume?.saved);
  if (saved !== undefined && saved.path === path && saved.size === source.size) {
    const arrived = await arrivedChunks(server, uploads, saved, signal);
    if (arrived !== undefined) return { state: saved, arrived };
  }
  const longEnough = Math.max(chunkBytes, Math.ceil(source.size / 10_000));
  const state: UploadState = { upload: `cloudfusion-${randomUUID()}`, path, size: source.size, chunkBytes: longEnough };
  const headers = { destination: server.address(path) };
  const answer = await server.exchangeAt(`${uploads}/${state.upload}/`, { method: 'MKCOL', headers, signal });
  if (noChunks.has(answer.status)) {
    await answer.body.discard();
    server.refusesChunks = true;
    return undefined;
  }
  if (!isDone(answer)) throw await failureOf(answer);
  await answer.body.discard();
  resume?.save(JSON.stringify(state));
  return { state, arrived: new Set() };
}

async function sendChunks(
  server: DavServer,
  uploads: string,
  { path, source, signal }: Upload,
  state: UploadState,
  arrived: ReadonlySet<number>,
): Promise<void> {
  const missing = chunksOf(state).filter(({ number }) => !arrived.has(number));
  await forEachConcurrently(missing, chunksAtOnce, async ({ name, start, end }) => {
    const answer = await server.exchangeAt(`${uploads}/${state.upload}/${name}`, {
      method: 'PUT',
      headers: { destination: server.address(path), 'oc-total-length': String(source.size) },
      body: source.slice(start, end),
      expectContinue: true,
      signal,
    });
    if (!isDone(answer)) throw await failureOf(answer);
    await answer.body.discard();
  });
}

/** The condition is kept here, at the end, where it counts. */
async function assemble(
  server: DavServer,
  uploads: string,
  { path, source, ifRevision, modified, signal }: Upload,
  state: UploadState,
): Promise<HttpHeaders> {
  return await lookingFirst(server, { path, ifRevision, isTarget: true, signal }, async (found, condition) => {
    if (found?.kind === 'directory') throw new StoreError('IsADirectory', { path });
    const headers = {
      ...condition,
      destination: server.address(path),
      overwrite: found === undefined ? 'F' : 'T',
      'oc-total-length': String(source.size),
      'x-oc-mtime': modified === undefined ? undefined : String(modified / 1000),
    };
    const place = `${uploads}/${state.upload}/.file`;
    const answer = await server.exchangeAt(place, { method: 'MOVE', headers, signal, isOnce: true });
    if (!isDone(answer)) throw await failureOf(answer);
    await answer.body.discard();
    await assertDone(answer, async () => false);
    return answer.headers;
  });
}

/** Gives an upload up. One that cannot be removed now is removed by the server after a day. */
async function removeUpload(server: DavServer, uploads: string, { upload }: UploadState): Promise<void> {
  try {
    const answer = await server.exchangeAt(`${uploads}/${upload}/`, { method: 'DELETE', isOnce: true });
    await answer.body.discard();
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
}
