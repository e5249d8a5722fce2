import type { HttpHeaders } from '../../http/http-request.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Entry } from '../../store/store.ts';
import { lookingFirst } from './conditions.ts';
import type { DavServer } from './dav-server.ts';
import { findExpected } from './find-resource.ts';
import { moveResource } from './move-resource.ts';
import { leaveSecondOf } from './server-second.ts';
import { stagedPath } from './staged-name.ts';
import { putFile, type Upload } from './put-file.ts';

/** An upload of this size is worth a request that may spare it. */
const worthLooking = 1 << 20;

/**
 * Uploads beside the place of the file and moves the whole there: for servers that would show a file while it grows, and for large
 * files whose condition must hold at the end of the upload and not only at its beginning. Whatever fails, nothing stays.
 */
export async function writeStaged(server: DavServer, upload: Upload): Promise<HttpHeaders> {
  const { path, source, ifRevision, signal } = upload;
  await lookBefore(server, upload);
  const staged = stagedPath(path);
  try {
    await putFile(server, { path: staged, source, signal });
    if (ifRevision === undefined && (await isNew(server, staged, path, signal))) return {};
    return await lookingFirst(server, { path, ifRevision, isTarget: true, signal }, async (found, condition) => {
      assertReplaceable(path, found, ifRevision);
      await moveResource(server, { method: 'MOVE', from: staged, to: path, kind: 'file', found, condition, signal });
      return {};
    });
  } catch (error) {
    await removeStaged(server, staged);
    throw error;
  }
}

/** What would be refused at the end costs no upload; and without ETags the new version needs a second of its own. */
async function lookBefore(server: DavServer, { path, source, ifRevision, signal }: Upload): Promise<void> {
  if (server.traits.keepsConditions && source.size < worthLooking) return;
  const before = await findExpected(server, path, ifRevision, signal);
  assertReplaceable(path, before, ifRevision);
  await leaveSecondOf(server, before, signal);
}

/** Moves an upload to where nothing is, without looking first. False where something is. */
async function isNew(
  server: DavServer,
  staged: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const nothing = { found: undefined, condition: {} };
    await moveResource(server, { method: 'MOVE', from: staged, to: path, kind: 'file', ...nothing, signal });
    return true;
  } catch (error) {
    if (isStoreError(error, 'Conflict')) return false;
    throw error;
  }
}

/** Removes an unfinished upload, if it can: one that stays is hidden, and removed by a listing a day later. */
export async function removeStaged(server: DavServer, staged: string): Promise<void> {
  try {
    const answer = await server.exchange({ method: 'DELETE', path: staged, isOnce: true });
    await answer.body.discard();
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
}

function assertReplaceable(path: string, found: Entry | undefined, ifRevision: string | null | undefined): void {
  if (found?.kind === 'directory') throw new StoreError('IsADirectory', { path });
  if (ifRevision !== undefined && (found?.revision ?? null) !== ifRevision) throw new StoreError('Conflict', { path });
}
