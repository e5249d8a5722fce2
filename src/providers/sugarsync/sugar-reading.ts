import type { HttpResponse } from '../../http/http-request.ts';
import { resumingBody } from '../../http/resuming-body.ts';
import { StoreError } from '../../store/errors.ts';
import { rangeOf } from '../../store/range.ts';
import type { CallOptions, Download, ReadOptions } from '../../store/store.ts';
import { fileEntryOf, revisionOf, type SugarFile } from './sugar-resource.ts';
import { faultStatus } from './sugar-fault.ts';
import type { SugarTree } from './sugar-tree.ts';

/**
 * Opens a file. An answer does not tell which version its bytes are of, so the file is asked for before it is opened and afterwards:
 * only where both are the same it is that one.
 */
export async function readFile(tree: SugarTree, path: string, options: ReadOptions): Promise<Download> {
  if (path === '/') throw new StoreError('IsADirectory', { path });
  const { ifRevision, signal } = options;
  const work = async (): Promise<Download> => {
    const file = await tree.find(path, { signal });
    if (file === undefined) throw new StoreError('NotFound', { path });
    if (file.kind === 'folder') throw new StoreError('IsADirectory', { path });
    if (ifRevision !== undefined && ifRevision !== revisionOf(file)) throw new StoreError('Conflict', { path });
    if (!file.isPresent)
      throw new StoreError('Unavailable', { path, message: 'another computer is still sending this file' });
    const entry = fileEntryOf(file, path);
    const { start, end } = rangeOf(options, entry.size);
    if (start === end) return { entry, body: nothing() };
    const first = await open(tree, file, start, end, { signal });
    return { entry, body: bodyOf(tree, file, first, { start, end, signal }) };
  };
  // The requests are repeated by themselves.
  const mayRepeat = (error: StoreError): boolean => error.detail === changed;
  return await tree.calls.client.retrying({ signal }, work, { mayRepeat });
}

interface Opened extends CallOptions {
  readonly start: number;
  readonly end: number;
}

async function* bodyOf(
  tree: SugarTree,
  file: SugarFile,
  first: HttpResponse,
  { start, end, signal }: Opened,
): AsyncGenerator<Uint8Array> {
  let unread: HttpResponse | undefined = first;
  try {
    yield* resumingBody(
      async (offset) => {
        const answer = unread ?? (await openAgain(tree, file, start + offset, end, { signal }));
        unread = undefined;
        return answer.body;
      },
      { size: end - start, signal },
    );
  } finally {
    // Nobody has begun to read it.
    await (unread as HttpResponse | undefined)?.body.discard();
  }
}

/** What was handed on already is of this version; bytes of another one do not go with it. */
async function openAgain(
  tree: SugarTree,
  file: SugarFile,
  start: number,
  end: number,
  options: CallOptions,
): Promise<HttpResponse> {
  try {
    return await open(tree, file, start, end, options);
  } catch (error) {
    if (!(error instanceof StoreError && error.detail === changed)) throw error;
    throw new StoreError('Corrupt', { message: changed });
  }
}

const changed = 'the file was changed while it was read';

/** The bytes of this version from `start` up to but without `end`. */
async function open(
  { calls }: SugarTree,
  file: SugarFile,
  start: number,
  end: number,
  options: CallOptions,
): Promise<HttpResponse> {
  const isWhole = start === 0 && end === file.size;
  const answer = await opened(calls, file, isWhole ? undefined : `bytes=${start}-${end - 1}`, options);
  try {
    const { 'content-range': told = '', 'content-length': length } = answer.headers;
    const isAsked = answer.status === 206 ? told.startsWith(`bytes ${start}-`) : start === 0;
    if (!isAsked) throw stray();
    // A part of a whole answer cannot be given up without its connection, so it is not asked for.
    const expected = answer.status === 206 ? end - start : file.size;
    const isAsLong = length === undefined || Number(length) === expected;
    const now = await calls.get(file.ref, options);
    if (now?.kind !== 'file' || revisionOf(now) !== revisionOf(file))
      throw new StoreError('Unavailable', { message: changed });
    if (!isAsLong || (answer.status !== 206 && !isWhole)) throw stray();
    return answer;
  } catch (error) {
    await answer.body.discard();
    throw error;
  }
}

async function opened(
  calls: SugarTree['calls'],
  { ref }: SugarFile,
  range: string | undefined,
  options: CallOptions,
): Promise<HttpResponse> {
  try {
    return await calls.client.retrying(options, () => calls.data(ref, range, options));
  } catch (error) {
    // There is no such range, because the file is shorter now.
    if (faultStatus(error) === 416) throw new StoreError('Unavailable', { message: changed, cause: error });
    throw error;
  }
}

function stray(): StoreError {
  return new StoreError('Unavailable', { message: 'SugarSync answered other bytes than it was asked for' });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
