import { StoreError } from '../../store/errors.ts';
import { failureOf } from './dav-failure.ts';
import { type DavServer, isDone } from './dav-server.ts';

/** Long enough for the few requests under a lock; after a crash it ends by itself. */
const lockSeconds = 60;

const lockBody =
  '<?xml version="1.0" encoding="utf-8"?><lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype><owner>cloudfusion</owner></lockinfo>';

/**
 * Does `work` while the file at `path` is locked (RFC 4918 section 9.10), so that no other client that heeds locks changes it; `work`
 * gets the token. Throws `Unavailable` while somebody else has it locked, `Conflict` where there is no such file, and
 * does the work without a token where the server grants no locks.
 */
export async function withLock<T>(
  server: DavServer,
  path: string,
  signal: AbortSignal | undefined,
  work: (token: string | undefined) => Promise<T>,
): Promise<T> {
  const token = server.traits.locks && !server.refusesLocks ? await lock(server, path, signal) : undefined;
  if (token === undefined) return await work(undefined);
  try {
    return await work(token);
  } finally {
    await unlock(server, path, token);
  }
}

async function lock(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const headers = { depth: '0', timeout: `Second-${lockSeconds}`, 'content-type': 'application/xml; charset=utf-8' };
  const answer = await server.exchange({ method: 'LOCK', path, headers, body: lockBody, signal, isOnce: true });
  const token = answer.headers['lock-token'];
  if (!isDone(answer) || token === undefined) {
    const failure = await failureOf(answer);
    if (answer.status === 404 || answer.status === 409) throw new StoreError('Conflict', { path, cause: failure });
    if (failure.code !== 'PermissionDenied' && failure.code !== 'Unsupported') throw failure;
    server.refusesLocks = true;
    return undefined;
  }
  await answer.body.discard();
  if (answer.status === 201) await removeCreated(server, path, token);
  return token;
}

/** A lock on what does not exist creates an empty file (section 7.3), which nobody wanted. */
async function removeCreated(server: DavServer, path: string, token: string): Promise<never> {
  const headers = { if: `(${token})` };
  try {
    const answer = await server.exchange({ method: 'DELETE', path, headers });
    await answer.body.discard();
  } finally {
    await unlock(server, path, token);
  }
  throw new StoreError('Conflict', { path });
}

/** Never fails: the lock may have gone with the file, and one that stays ends by itself. */
async function unlock(server: DavServer, path: string, token: string): Promise<void> {
  try {
    const answer = await server.exchange({ method: 'UNLOCK', path, headers: { 'lock-token': token }, isOnce: true });
    await answer.body.discard();
  } catch {
    // What was done under the lock is done.
  }
}
