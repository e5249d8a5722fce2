import { StoreError } from '../../store/errors.ts';
import { parentOf } from '../../store/path.ts';
import type { DavAnswer } from './dav-connection.ts';
import { failureOf } from './dav-failure.ts';
import { type DavServer, isDone, type ServerRequest } from './dav-server.ts';
import { findEntry } from './find-resource.ts';

/**
 * Statuses by which servers say that a parent is missing or is a file. RFC 4918 names 409; SabreDAV says 404 to a PUT, Apache 400
 * and 403, nginx 500.
 */
const perhapsNoParent: ReadonlySet<number> = new Set([400, 403, 404, 405, 409, 415, 500]);

/** Makes a directory and what is missing above it. Throws `AlreadyExists` for a file of that name, `NotADirectory` for one above. */
export async function makeDirectories(server: DavServer, path: string, signal?: AbortSignal): Promise<void> {
  if (path === '/') return;
  const answer = await make(server, path, signal);
  const failure = await refusalToMake(answer);
  if (failure === undefined) return;
  const found = await findEntry(server, path, signal);
  if (found?.kind === 'directory') return;
  if (found?.kind === 'file') throw new StoreError('AlreadyExists', { path });
  if (!perhapsNoParent.has(answer.status)) throw failure;
  await makeParents(server, path, signal);
  const again = await refusalToMake(await make(server, path, signal));
  if (again !== undefined && (await findEntry(server, path, signal))?.kind !== 'directory') throw again;
}

/** Makes the directories above `path`, if they are not there. Throws `NotADirectory` if one is a file. */
export async function makeParents(server: DavServer, path: string, signal?: AbortSignal): Promise<void> {
  const parent = parentOf(path);
  if (parent === '/') return;
  const found = await findEntry(server, parent, signal);
  if (found?.kind === 'directory') return;
  if (found?.kind === 'file') throw new StoreError('NotADirectory', { path, message: `${parent} is a file` });
  await makeParents(server, parent, signal);
  await makeDirectories(server, parent, signal);
}

/**
 * Sends a request that creates a file at `path`, a second time when it may have been refused for want of a parent. Answers what the
 * server says in the end where that is success; throws what it refuses, and `IsADirectory` where a file was to be.
 */
export async function creating(server: DavServer, request: ServerRequest): Promise<DavAnswer> {
  const { path, signal } = request;
  const answer = await server.exchange(request);
  if (isDone(answer)) return answer;
  const failure = await failureOf(answer);
  if (!perhapsNoParent.has(answer.status)) throw failure;
  const found = await findEntry(server, path, signal);
  if (found?.kind === 'directory') throw new StoreError('IsADirectory', { path });
  if (found !== undefined) throw failure;
  await makeParents(server, path, signal);
  const again = await server.exchange(request);
  if (isDone(again)) return again;
  throw await failureOf(again);
}

async function make(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<DavAnswer> {
  return await server.exchange({ method: 'MKCOL', path, isDirectory: true, signal, stay: true });
}

/** Only servers answer 201; whoever gets this looks whether the directory is there. */
function unproved(): StoreError {
  return new StoreError('Unavailable', {
    message: 'the server, or something before it, answered 200 and made nothing',
  });
}

async function refusalToMake(answer: DavAnswer): Promise<StoreError | undefined> {
  if (!isDone(answer)) return await failureOf(answer);
  await answer.body.discard();
  return answer.status === 200 ? unproved() : undefined;
}
