import { isStoreError } from '../../store/errors.ts';
import type { Entry } from '../../store/store.ts';
import type { Condition } from './conditions.ts';
import type { DavAnswer } from './dav-connection.ts';
import { failureOf } from './dav-failure.ts';
import { assertDone, type DavServer, isDone } from './dav-server.ts';
import { findEntry } from './find-resource.ts';
import { assertNoFailure } from './multistatus.ts';

/** One MOVE or COPY (RFC 4918 sections 9.8 and 9.9). */
export interface Relocation {
  readonly method: 'COPY' | 'MOVE';
  readonly from: string;
  readonly to: string;
  readonly kind: Entry['kind'];
  /** What is at `to`: only a file is ever replaced. */
  readonly found: Entry | undefined;
  readonly condition: Condition;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Moves or copies. A directory at `to` is never replaced, though the method could: `Overwrite` is asked for a file alone. Throws
 * `Conflict` where something else came to `to` meanwhile. An answer that is lost is looked for, so that nothing is moved twice; a copy is
 * made again where nothing came of it.
 */
export async function moveResource(server: DavServer, relocation: Relocation): Promise<void> {
  const { to, found } = relocation;
  const request = (): Promise<void> => relocate(server, relocation, 1);
  await (found === undefined ? request() : server.replacements.during(to, request));
}

async function relocate(server: DavServer, relocation: Relocation, attempt: number): Promise<void> {
  const { method, from, to, kind, found, condition, signal } = relocation;
  const isDirectory = kind === 'directory';
  const headers = {
    ...condition,
    destination: server.address(to, isDirectory),
    overwrite: found === undefined ? 'F' : 'T',
    depth: 'infinity',
  };
  let answer: DavAnswer;
  try {
    answer = await server.exchange({ method, path: from, isDirectory, headers, signal, isOnce: true });
  } catch (error) {
    if (!isStoreError(error, 'Unavailable')) throw error;
    if (method === 'MOVE' && (await hasMoved(server, relocation))) return;
    if (method === 'MOVE' || attempt === mostAttempts || !(await mayCopyAgain(server, relocation))) throw error;
    return await relocate(server, relocation, attempt + 1);
  }
  if (answer.status === 207) return await assertNoFailure(answer);
  if (!isDone(answer)) throw await failureOf(answer);
  await answer.body.discard();
  await assertDone(answer, () => (method === 'MOVE' ? hasMoved(server, relocation) : isThere(server, to, signal)));
}

/** A server that closes a connection it has kept does so now and then just as a request comes. */
const mostAttempts = 3;

/** Whether a COPY whose answer never came was not done. What stands at `to` otherwise may be of anybody. */
async function mayCopyAgain(server: DavServer, { to, found, signal }: Relocation): Promise<boolean> {
  return found === undefined && !(await isThere(server, to, signal));
}

async function isThere(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  return (await findEntry(server, path, signal)) !== undefined;
}

/** Whether a MOVE was done though its answer never came. */
async function hasMoved(server: DavServer, { from, to, signal }: Relocation): Promise<boolean> {
  if ((await findEntry(server, from, signal)) !== undefined) return false;
  return await isThere(server, to, signal);
}
