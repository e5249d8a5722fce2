import { StoreError } from '../../store/errors.ts';
import type { Entry } from '../../store/store.ts';
import { parentOf } from '../../store/path.ts';
import type { DavAnswer } from './dav-connection.ts';
import { metadataIn, metadataProperty } from './dav-metadata.ts';
import { failureOf, failureOfStatus } from './dav-failure.ts';
import type { DavServer } from './dav-server.ts';
import { type DavResource, entryOf, entryProperties, multistatus, propfindOf } from './multistatus.ts';

/** Statuses by which servers say that a path leads through a file, besides 404: Apache 400, lighttpd 403, others 405 and 409. */
const perhapsBelowFile: ReadonlySet<number> = new Set([400, 403, 405, 409, 415, 500]);

/**
 * The entry at `path`, undefined where there is none, also when a parent is a file. While this store itself is replacing the
 * file, the answer waits. One PROPFIND with `Depth: 0`.
 */
export async function findEntry(server: DavServer, path: string, signal?: AbortSignal): Promise<Entry | undefined> {
  using watch = server.replacements.watch(path);
  for (;;) {
    const found = await askFor(server, path, signal);
    if (found !== undefined || !watch.take().includes(path)) return found;
    await server.replacements.settled(path);
  }
}

/** As `findEntry`, of a file that is expected in a revision: nothing there must be the server's own answer. */
export async function findExpected(
  server: DavServer,
  path: string,
  ifRevision: string | null | undefined,
  signal?: AbortSignal,
): Promise<Entry | undefined> {
  const found = await findEntry(server, path, signal);
  if (found === undefined && typeof ifRevision === 'string') await assertOwnAnswers(server, signal);
  return found;
}

/** That it is the server who does not find something: it finds its root. Every gateway has a page that says "not found". */
export async function assertOwnAnswers(server: DavServer, signal: AbortSignal | undefined): Promise<void> {
  if ((await findEntry(server, '/', signal)) !== undefined) return;
  throw new StoreError('Unavailable', { path: '/', message: 'the server does not find the root of the store' });
}

/** The refusal of a request about `path`, or undefined where it only says that nothing can be there: a parent is a file. */
export async function refusalOf(
  server: DavServer,
  path: string,
  answer: DavAnswer,
  signal?: AbortSignal,
): Promise<Error | undefined> {
  const failure = await failureOf(answer);
  if (answer.status === 404 || answer.status === 410) return undefined;
  if (!perhapsBelowFile.has(answer.status) || path === '/') return failure;
  for (let parent = parentOf(path); parent !== '/'; parent = parentOf(parent)) {
    const above = await propfind(server, parent, '0', false, signal);
    if (above.status === 207) return (await firstOf(server, parent, above))?.kind === 'directory' ? failure : undefined;
    await above.body.discard();
    if (above.status === 404) return undefined;
  }
  return failure;
}

/** Asks for the properties that entries are made of. The answer may have any status. */
export async function propfind(
  server: DavServer,
  path: string,
  depth: '0' | '1' | 'infinity',
  isDirectory: boolean,
  signal?: AbortSignal,
): Promise<DavAnswer> {
  const properties = server.keepsProperties ? entryProperties + metadataProperty : entryProperties;
  const headers = { depth, 'content-type': 'application/xml; charset=utf-8', accept: 'application/xml, text/xml' };
  return await server.exchange({
    method: 'PROPFIND',
    path,
    isDirectory,
    headers,
    body: propfindOf(properties),
    signal,
  });
}

async function askFor(server: DavServer, path: string, signal?: AbortSignal): Promise<Entry | undefined> {
  const answer = await propfind(server, path, '0', path === '/', signal);
  if (answer.status >= 200 && answer.status < 300) return await firstOf(server, path, answer);
  const refusal = await refusalOf(server, path, answer, signal);
  if (refusal !== undefined) throw refusal;
  return undefined;
}

async function firstOf(server: DavServer, path: string, answer: DavAnswer): Promise<Entry | undefined> {
  let own: DavResource | undefined;
  let isEmpty = true;
  for await (const resource of multistatus(answer)) {
    isEmpty = false;
    if (resource.names !== undefined && server.pathOf(resource.names) === path) own = resource;
  }
  if (isEmpty) throw new StoreError('Unavailable', { path, message: 'the server answered a Multi-Status of nothing' });
  if (own === undefined || own.status === 404 || own.status === 410) return undefined;
  if (own.status >= 400) throw failureOfStatus(own.status);
  return entryFrom(server, own, path);
}

/** The entry of a resource that `propfind` asked for. */
export function entryFrom(server: DavServer, resource: DavResource, path: string): Entry {
  return entryOf(resource, path, server.keepsProperties ? metadataIn(resource.properties) : undefined);
}
