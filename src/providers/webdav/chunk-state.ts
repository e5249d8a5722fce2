import { failureOf } from './dav-failure.ts';
import { type DavServer, isDone } from './dav-server.ts';
import { entryProperties, multistatus, propfindOf } from './multistatus.ts';

/** What an upload in chunks needs to go on from where it ended. */
export interface UploadState {
  /** The name of its folder at the server. */
  readonly upload: string;
  readonly path: string;
  readonly size: number;
  readonly chunkBytes: number;
}

/** One chunk: its number from 1, its name, and its bytes. */
export interface Chunk {
  readonly number: number;
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A saved state; undefined for what is none. */
export function parseState(saved: string | undefined): UploadState | undefined {
  if (saved === undefined) return undefined;
  try {
    const state: unknown = JSON.parse(saved);
    return isState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** All chunks of an upload, all of one size but the last. Names have five digits, so that their order is that of the numbers. */
export function chunksOf({ size, chunkBytes }: UploadState): Chunk[] {
  return Array.from({ length: Math.ceil(size / chunkBytes) }, (_, index) => ({
    number: index + 1,
    name: String(index + 1).padStart(5, '0'),
    start: index * chunkBytes,
    end: Math.min(size, (index + 1) * chunkBytes),
  }));
}

/** The numbers of the chunks that the server has whole; undefined where it has forgotten the upload. */
export async function arrivedChunks(
  server: DavServer,
  uploads: string,
  state: UploadState,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<number> | undefined> {
  const headers = { depth: '1', 'content-type': 'application/xml; charset=utf-8' };
  const request = { method: 'PROPFIND', headers, body: propfindOf(entryProperties), signal };
  const answer = await server.exchangeAt(`${uploads}/${state.upload}/`, request);
  if (!isDone(answer)) {
    const failure = await failureOf(answer);
    if (answer.status === 404) return undefined;
    throw failure;
  }
  const sizes = new Map<string, number>();
  for await (const { names, size } of multistatus(answer)) sizes.set(names?.at(-1) ?? '', size);
  const whole = chunksOf(state).filter(({ name, start, end }) => sizes.get(name) === end - start);
  return new Set(whole.map(({ number }) => number));
}

function isState(state: unknown): state is UploadState {
  if (typeof state !== 'object' || state === null) return false;
  const { upload, path, size, chunkBytes } = state as Partial<Record<keyof UploadState, unknown>>;
  const isNamed = typeof upload === 'string' && /^cloudfusion-[0-9a-f-]{36}$/.test(upload) && typeof path === 'string';
  return isNamed && Number.isSafeInteger(size) && Number.isSafeInteger(chunkBytes) && Number(chunkBytes) > 0;
}
