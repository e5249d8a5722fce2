import { isStoreError } from '../../store/errors.ts';
import { isInside, parentOf } from '../../store/path.ts';
import type { Entry } from '../../store/store.ts';
import type { DavAnswer } from './dav-connection.ts';
import type { DavServer } from './dav-server.ts';
import { propfind } from './find-resource.ts';
import { entriesOf, listDirectory, replacedMeanwhile } from './list-directory.ts';
import { ParentsFirst } from './parents-first.ts';

const listingsAtOnce = 8;

/**
 * Everything below a directory, parents before children. A server that answers `Depth: infinity` is asked once, any other directory
 * by directory. SabreDAV takes `infinity` for `1` without a word; so an answer that holds directories and nothing inside
 * them proves nothing, and they are listed one by one.
 */
export async function* listTree(server: DavServer, path: string, signal?: AbortSignal): AsyncGenerator<Entry> {
  const answer = server.listsTrees === false ? undefined : await wholeTree(server, path, signal);
  if (answer === undefined) {
    const directories: string[] = [];
    yield* notingDirectories(listDirectory(server, path, signal), directories);
    yield* walk(server, directories, signal);
    return;
  }
  using watch = server.replacements.watch(path);
  const listed = new Set<string>();
  const directories: string[] = [];
  let isDeep = false;
  for await (const entry of notingDirectories(inOrder(server, path, answer), directories)) {
    if (listed.has(entry.path)) continue;
    listed.add(entry.path);
    isDeep ||= parentOf(entry.path) !== path;
    yield entry;
  }
  if (isDeep) server.listsTrees = true;
  if (server.listsTrees !== true) {
    for await (const entry of walk(server, directories, signal)) {
      server.listsTrees = false;
      listed.add(entry.path);
      yield entry;
    }
  }
  yield* replacedMeanwhile(server, watch, (replaced) => isInside(replaced, path) && !listed.has(replaced), signal);
}

/** The answer to one question for all, if the server gives one. What it refuses is asked again, directory by directory. */
async function wholeTree(server: DavServer, path: string, signal?: AbortSignal): Promise<DavAnswer | undefined> {
  const answer = await propfind(server, path, 'infinity', true, signal);
  if (answer.status === 207 || answer.status === 200) return answer;
  await answer.body.discard();
  // RFC 4918 section 9.1 has 403 with `propfind-finite-depth` for it; a missing directory says nothing about depth.
  if (answer.status !== 404 && answer.status !== 400) server.listsTrees = false;
  return undefined;
}

async function* inOrder(server: DavServer, path: string, answer: DavAnswer): AsyncGenerator<Entry> {
  const order = new ParentsFirst(path);
  for await (const entry of entriesOf(server, path, answer)) yield* order.next(entry);
  order.end();
}

/** Several directories at once, told one after the other. One that has gone meanwhile has no entries. */
async function* walk(server: DavServer, directories: string[], signal?: AbortSignal): AsyncGenerator<Entry> {
  const leaving = new AbortController();
  const any = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
  const begun: Promise<Entry[]>[] = [];
  try {
    for (;;) {
      for (const path of directories.splice(0, listingsAtOnce - begun.length)) {
        const listing = entriesIfThere(server, path, any);
        listing.catch(() => undefined);
        begun.push(listing);
      }
      const entries = await begun.shift();
      if (entries === undefined) return;
      yield* notingDirectories(entries, directories);
    }
  } finally {
    leaving.abort();
  }
}

async function entriesIfThere(server: DavServer, path: string, signal: AbortSignal): Promise<Entry[]> {
  try {
    return await Array.fromAsync(listDirectory(server, path, signal));
  } catch (error) {
    if (isStoreError(error, 'NotFound') || isStoreError(error, 'NotADirectory')) return [];
    throw error;
  }
}

async function* notingDirectories(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  directories: string[],
): AsyncGenerator<Entry> {
  for await (const entry of entries) {
    if (entry.kind === 'directory') directories.push(entry.path);
    yield entry;
  }
}
