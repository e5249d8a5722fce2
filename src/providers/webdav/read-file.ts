import { StoreError } from '../../store/errors.ts';
import { assertRange, rangeOf } from '../../store/range.ts';
import type { Download, FileEntry, ReadOptions } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { learn, type OpenDownload, openDownload, toldEntry } from './download.ts';
import { findEntry } from './find-resource.ts';
import { compared } from './oc-checksum.ts';
import { resumedBody } from './resumed-body.ts';

const tries = 6;

/** As many of them while this store may be writing the same file; the others wait until it does not. */
const triesAmidWrites = 2;

/**
 * `Store.read`: one GET where the server tells ETag, time and size with it as its listings do, else a PROPFIND before. Never
 * the other way round: an entry may be older than its bytes, which the next look corrects, but not newer.
 */
export async function readFile(server: DavServer, path: string, options: ReadOptions): Promise<Download> {
  assertRange(options);
  if (path === '/') throw new StoreError('IsADirectory', { path });
  if (options.length === 0) return emptyDownload(await existingFile(server, path, options.signal), options);
  const open = (): Promise<Download | undefined> => openOnce(server, path, options);
  for (let attempt = 1; attempt <= tries; attempt++) {
    const opened = attempt <= triesAmidWrites ? await open() : await server.writers.inTurn(path, options.signal, open);
    if (opened !== undefined) return opened;
  }
  throw new StoreError('Unavailable', { path, message: 'the file changes faster than it can be opened' });
}

/** Undefined where the file changed between two looks at it. */
async function openOnce(server: DavServer, path: string, options: ReadOptions): Promise<Download | undefined> {
  const { offset = 0, length, ifRevision, signal } = options;
  const end = length === undefined ? undefined : Math.min(offset + length, Number.MAX_SAFE_INTEGER);
  using moves = server.replacements.watch(path);
  using puts = server.overwritings.watch(path);
  const isTold = server.downloadsTell === 'etag' || server.downloadsTell === 'time';
  const before = isTold ? undefined : await existingFile(server, path, signal);
  const opened = await openDownload(server, path, offset, end, signal);
  if (opened === undefined) {
    const entry = before ?? (await existingFile(server, path, signal));
    return offset >= entry.size ? emptyDownload(entry, options) : undefined;
  }
  const entry = entryFor(server, path, opened, before);
  const isTouched = puts.take().length > 0 || moves.take().length > 0;
  if (entry === undefined || (isTouched && !(await isStill(server, entry, signal)))) {
    await opened.answer.body.discard();
    return undefined;
  }
  if (ifRevision !== undefined && entry.revision !== ifRevision) {
    await opened.answer.body.discard();
    throw new StoreError('Conflict', { path });
  }
  const range = rangeOf(options, entry.size);
  const body = resumedBody(server, entry, opened, range, signal);
  const isWhole = range.start === 0 && range.end === entry.size;
  return { entry, body: isWhole ? compared(body, opened.answer.headers, entry.size) : body };
}

/** What the download is of; undefined where it and what is known of the file do not go together. */
function entryFor(
  server: DavServer,
  path: string,
  opened: OpenDownload,
  before: FileEntry | undefined,
): FileEntry | undefined {
  if (before === undefined) {
    const told = toldEntry(server, path, opened);
    // This file is one of those with less in their headers; so may others be.
    if (told === undefined) server.downloadsTell = 'nothing';
    return told;
  }
  if (Number.isFinite(opened.size) && opened.size !== before.size) return undefined;
  if (server.downloadsTell === undefined) learn(server, opened, before);
  return before;
}

/**
 * Whether a file that this store was writing meanwhile is the one that was opened. Apache looks at a file before it opens it; when
 * that is replaced in between, the head of the old one comes with the body of the new one.
 */
async function isStill(server: DavServer, entry: FileEntry, signal: AbortSignal | undefined): Promise<boolean> {
  const now = await findEntry(server, entry.path, signal);
  return now?.kind === 'file' && now.revision === entry.revision;
}

async function existingFile(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<FileEntry> {
  const found = await findEntry(server, path, signal);
  if (found === undefined) throw new StoreError('NotFound', { path });
  if (found.kind === 'directory') throw new StoreError('IsADirectory', { path });
  return found;
}

function emptyDownload(entry: FileEntry, { ifRevision }: ReadOptions): Download {
  if (ifRevision !== undefined && entry.revision !== ifRevision) throw new StoreError('Conflict', { path: entry.path });
  return { entry, body: nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
