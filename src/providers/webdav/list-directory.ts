import { StoreError } from '../../store/errors.ts';
import { parentOf } from '../../store/path.ts';
import type { Entry } from '../../store/store.ts';
import type { DavAnswer } from './dav-connection.ts';
import { failureOfStatus } from './dav-failure.ts';
import type { DavServer } from './dav-server.ts';
import { entryFrom, findEntry, propfind, refusalOf } from './find-resource.ts';
import { type DavResource, multistatus } from './multistatus.ts';
import type { Watch } from './replacements.ts';
import { isForgotten, isStaged } from './staged-name.ts';
import { removeStaged } from './staged-upload.ts';

/**
 * The entries directly inside a directory, as they arrive: one PROPFIND with `Depth: 1`. Throws `NotFound` and `NotADirectory`. Files
 * that this store is replacing meanwhile are among them in any case. Unfinished uploads are left out, and removed when
 * they are a day old.
 */
export async function* listDirectory(server: DavServer, path: string, signal?: AbortSignal): AsyncGenerator<Entry> {
  using watch = server.replacements.watch(path);
  const answer = await listingOf(server, path, '1', signal);
  const listed = new Set<string>();
  for await (const entry of entriesOf(server, path, answer)) {
    if (parentOf(entry.path) !== path || listed.has(entry.path)) continue;
    listed.add(entry.path);
    yield entry;
  }
  yield* replacedMeanwhile(server, watch, (replaced) => parentOf(replaced) === path && !listed.has(replaced), signal);
}

/** The files that a listing may have missed because this store was replacing them. */
export async function* replacedMeanwhile(
  server: DavServer,
  watch: Watch,
  isMissed: (path: string) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<Entry> {
  for (const path of watch.take().filter(isMissed)) {
    await server.replacements.settled(path);
    const entry = await findEntry(server, path, signal);
    if (entry !== undefined) yield entry;
  }
}

/** The answer to a PROPFIND of a directory. Throws `NotFound`, `NotADirectory`, and what else the server refuses. */
export async function listingOf(
  server: DavServer,
  path: string,
  depth: '1' | 'infinity',
  signal?: AbortSignal,
): Promise<DavAnswer> {
  const answer = await propfind(server, path, depth, true, signal);
  if (answer.status === 207 || answer.status === 200) return answer;
  const refusal = await refusalOf(server, path, answer, signal);
  // The address of a file with a slash behind is refused in many ways.
  const found = path === '/' ? undefined : await findEntry(server, path, signal);
  if (found?.kind === 'file') throw new StoreError('NotADirectory', { path });
  if (found !== undefined && refusal !== undefined) throw refusal;
  throw refusal !== undefined && path === '/' ? refusal : new StoreError('NotFound', { path });
}

/**
 * The entries below a directory that an answer holds, without itself. Throws `NotADirectory` where it is a file, and `Unavailable`
 * where the answer does not speak of it: it is never taken for an empty listing.
 */
export async function* entriesOf(server: DavServer, directory: string, answer: DavAnswer): AsyncGenerator<Entry> {
  let isTold = false;
  const forgotten: string[] = [];
  for await (const resource of multistatus(answer)) {
    const path = resource.names === undefined ? undefined : server.pathOf(resource.names);
    if (path === directory) {
      assertListed(resource, path);
      isTold = true;
    }
    if (path === undefined || path === directory || !isBelow(path, directory) || !isThere(resource)) continue;
    isTold = true;
    if (!isStaged(path)) yield entryFrom(server, resource, path);
    else if (resource.modified !== undefined && isForgotten(resource.modified, server.now())) forgotten.push(path);
  }
  if (!isTold)
    throw new StoreError('Unavailable', {
      path: directory,
      message: 'the server answered with a listing of something else',
    });
  for (const path of forgotten) await removeStaged(server, path);
}

function assertListed({ status, kind }: DavResource, path: string): void {
  if (status === 404 || status === 410) throw new StoreError('NotFound', { path });
  if (status >= 400) throw failureOfStatus(status);
  if (kind === 'file') throw new StoreError('NotADirectory', { path });
}

/** What went meanwhile, or may not be seen by this user, is told with a status of its own. */
function isThere({ status }: DavResource): boolean {
  if (status < 400) return true;
  if ([401, 403, 404, 410, 423].includes(status)) return false;
  throw failureOfStatus(status);
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path.startsWith(`${directory}/`);
}
