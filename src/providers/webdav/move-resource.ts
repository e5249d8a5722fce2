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
 * `Conflict` where something else came to `to` meanwhile. An answer that is lost is looked for, so that nothing is moved twice.
 */
export async function moveResource(server: DavServer, relocation: Relocation): Promise<void> {
  const { to, found } = relocation;
  const request = (): Promise<void> => relocate(server, relocation);
  await (found === undefined ? request() : server.replacements.during(to, request));
}

async function relocate(server: DavServer, relocation: Relocation): Promise<void> {
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
    if (method === 'MOVE' && isStoreError(error, 'Unavailable') && (await hasMoved(server, relocation))) return;
    throw error;
  }
  if (answer.status === 207) return await assertNoFailure(answer);
  if (!isDone(answer)) throw await failureOf(answer);
  await answer.body.discard();
  await assertDone(answer, () => (method === 'MOVE' ? hasMoved(server, relocation) : isThere(server, to, signal)));
}

async function isThere(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  return (await findEntry(server, path, signal)) !== undefined;
}

/** Whether a MOVE was done though its answer never came. */
async function hasMoved(server: DavServer, { from, to, signal }: Relocation): Promise<boolean> {
  if ((await findEntry(server, from, signal)) !== undefined) return false;
  return await isThere(server, to, signal);
}
