import type { HttpHeaders, HttpResponse } from '../../http/http-request.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions, Source } from '../../store/store.ts';
import { encodeGoogleQuery, type GoogleClient, type GoogleQuery, jsonIn } from './google-client.ts';
import { faultOf } from './google-error.ts';

/** A resumable upload at Google: path and query of its session URI, which is as good as a key to it for a week. */
export type SessionPath = string;

/** What Google says of a session: the finished file, or how many bytes it has kept. */
export type SessionState<File> = { readonly file: File } | { readonly kept: number };

/** Google does not know the session (any more). */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
}

/** A resumable upload that begins. */
export interface SessionStart extends CallOptions {
  /** Google's own name of the call: `objects.insert`. */
  readonly operation: string;
  /** POST for a new file; services differ in how one is replaced. */
  readonly method: 'POST' | 'PATCH';
  /** As `GoogleCall.path`. */
  readonly path: string;
  readonly query: GoogleQuery;
  /** What is said about the file. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly contentType: string;
  /** Bytes of the content. */
  readonly size: number;
}

/** Begins a resumable upload (https://docs.cloud.google.com/storage/docs/performing-resumable-uploads). Repeated as calls are. */
export async function beginSession(client: GoogleClient, start: SessionStart): Promise<SessionPath> {
  return await client.retrying(start, () => beginSessionOnce(client, start));
}

/** As `beginSession`, in one attempt. */
export async function beginSessionOnce(client: GoogleClient, start: SessionStart): Promise<SessionPath> {
  const { operation, method, path, query, description, contentType, size, signal } = start;
  const answer = await client.once({
    operation,
    method,
    path,
    query: { uploadType: 'resumable', ...query },
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'x-upload-content-type': contentType,
      'x-upload-content-length': String(size),
    },
    body: JSON.stringify(description),
    signal,
  });
  await answer.body.discard();
  const location = answer.headers['location'] ?? '';
  if (!URL.canParse(location))
    throw new StoreError('Unavailable', { message: 'Google began an upload without saying where' });
  const { pathname, search } = new URL(location);
  return pathname + search;
}

/** Sends bytes of the file; `sum` goes with the last ones. One attempt. Throws `SessionLost`. */
export async function sendChunk<File>(
  client: GoogleClient,
  session: SessionPath,
  chunk: { readonly source: Source; readonly start: number; readonly size: number; readonly sum?: string | undefined },
  { signal }: CallOptions,
): Promise<SessionState<File>> {
  const { source, start, size, sum } = chunk;
  const headers: HttpHeaders = {
    'content-range': `bytes ${start}-${start + source.size - 1}/${size}`,
    'x-goog-hash': sum === undefined ? undefined : `crc32c=${sum}`,
  };
  return await stateOf(client, session, { headers, body: source, signal });
}

/** Asks how far an upload is. One attempt. Throws `SessionLost`. */
export async function askSession<File>(
  client: GoogleClient,
  session: SessionPath,
  size: number,
  { signal }: CallOptions,
): Promise<SessionState<File>> {
  return await stateOf(client, session, { headers: { 'content-range': `bytes */${size}` }, body: '', signal });
}

/** Gives an upload up. What fails is let go: Google forgets the session after a week. */
export async function cancelSession(
  client: GoogleClient,
  session: SessionPath,
  { signal }: CallOptions,
): Promise<void> {
  const call = { operation: 'upload.cancel', method: 'DELETE', accept: [404, 410, 499], signal };
  try {
    await (await client.once({ ...call, ...divided(session) })).body.discard();
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
}

async function stateOf<File>(
  client: GoogleClient,
  session: SessionPath,
  request: { readonly headers: HttpHeaders; readonly body: Source | string; readonly signal?: AbortSignal | undefined },
): Promise<SessionState<File>> {
  const call = { operation: 'upload.continue', method: 'PUT', accept: [308], ...request };
  const answer = await lostOr(() => client.once({ ...call, ...divided(session) }));
  if (answer.status !== 308) return { file: await jsonIn<File>(answer) };
  await answer.body.discard();
  return { kept: keptBytes(answer) };
}

async function lostOr<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const status = faultOf(error)?.status;
    throw status === 404 || status === 410 ? new SessionLost() : error;
  }
}

/** Without the header `Range` nothing was kept. */
function keptBytes({ headers }: HttpResponse): number {
  const range = headers['range'];
  if (range === undefined) return 0;
  const [, last] = /^bytes=0-(\d+)$/.exec(range) ?? [];
  if (last === undefined) throw new StoreError('Unavailable', { message: `Google keeps "${range}" of an upload` });
  return Number(last) + 1;
}

function divided(session: SessionPath): { readonly path: string; readonly query: Record<string, string> } {
  const mark = session.indexOf('?');
  const query = Object.fromEntries(new URLSearchParams(mark === -1 ? '' : session.slice(mark + 1)));
  return { path: mark === -1 ? session : session.slice(0, mark), query };
}

/** Whether a saved session lies at this path, so that nothing else is ever sent to. */
export function isSessionAt(uploadPath: string, session: SessionPath): boolean {
  const { path, query } = divided(session);
  return path === uploadPath && encodeGoogleQuery(query).includes('upload_id=');
}
