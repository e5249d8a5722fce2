import { isRecord } from '../../http/told-values.ts';
import { StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { blockBytes, blockDigest, contentHash, hashOfBlocks } from './content-hash.ts';
import { faultOf } from './dropbox-fault.ts';
import { type DropboxMetadata, metadataIn, textIn } from './dropbox-metadata.ts';
import { heldBytes } from './held-bytes.ts';
import { assertSum } from './small-upload.ts';
import type { LargeUpload } from './large-upload.ts';

/** From so many bytes on parts are sent beside each other. */
export const concurrentFrom: number = 10 * blockBytes;

/** Each is held in memory while it is sent. */
const partsAtOnce = 4;

/** What is kept of an upload: its session, and which parts Dropbox has. */
export interface SavedParts {
  readonly session: string;
  readonly size: number;
  /** All parts before this one, counted from 0. */
  readonly next: number;
  /** And these behind it. */
  readonly beyond: readonly number[];
}

/**
 * Sends a file in one session, several parts at once in any order
 * (https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-start, `concurrent`): all are blocks of 4 MiB but the last,
 * which is sent when Dropbox has the others, because it closes the session. After a restart only the parts that were under way are sent again.
 */
export async function uploadConcurrently(upload: LargeUpload, saved: SavedParts | undefined): Promise<DropboxMetadata> {
  const { client, commit, source, signal } = upload;
  const session = saved?.session ?? (await beginSession(upload));
  const parts = new Parts(source.size, saved);
  const digests: Buffer[] = [];
  const keep = (): void => upload.resume?.save(JSON.stringify({ session, size: source.size, ...parts.state }));
  keep();
  const send = async (part: number): Promise<void> => {
    const offset = part * blockBytes;
    const bytes = await heldBytes(source.slice(offset, Math.min(source.size, offset + blockBytes)), { signal });
    digests[part] = blockDigest(bytes);
    const cursor = { session_id: session, offset };
    const call = { cursor, close: part === parts.last, content_hash: contentHash(bytes) };
    await client.upload('files/upload_session/append_v2', call, bytes, { signal });
    parts.add(part);
    keep();
  };
  await forEachConcurrently(parts.missing(), partsAtOnce, send);
  await unlessClosed(() => send(parts.last));
  const call = { cursor: { session_id: session, offset: source.size }, commit };
  const written = metadataIn(await client.upload('files/upload_session/finish', call, new Uint8Array(0), { signal }));
  return assertWhole(written, source.size, digests);
}

async function beginSession({ client, signal }: LargeUpload): Promise<string> {
  const call = { session_type: 'concurrent', close: false };
  const begun = await client.upload('files/upload_session/start', call, new Uint8Array(0), { signal });
  return textIn(metadataIn(begun), 'session_id');
}

/** An answer that was lost is found out when the session is closed already: nothing else closes it. */
async function unlessClosed(close: () => Promise<void>): Promise<void> {
  try {
    await close();
  } catch (error) {
    if (faultOf(error)?.tags !== 'closed') throw error;
  }
}

/** Of what an earlier call sent, each request had its own checksum. */
function assertWhole(written: DropboxMetadata, size: number, digests: readonly Buffer[]): DropboxMetadata {
  const all = Array.from({ length: Math.ceil(size / blockBytes) }, (_, part) => digests[part]);
  const known = all.filter((digest) => digest !== undefined);
  if (known.length === all.length) return assertSum(written, hashOfBlocks(known));
  if (written['size'] === size) return written;
  throw new StoreError('Corrupt', { message: 'what Dropbox keeps is not as long as what was sent' });
}

/** The parts of a file, and which of them Dropbox has. */
class Parts {
  /** The last part. */
  readonly last: number;
  readonly #beyond: Set<number>;
  #next: number;

  constructor(size: number, saved: SavedParts | undefined) {
    this.last = Math.ceil(size / blockBytes) - 1;
    this.#next = saved?.next ?? 0;
    this.#beyond = new Set(saved?.beyond);
  }

  get state(): Pick<SavedParts, 'next' | 'beyond'> {
    return { next: this.#next, beyond: [...this.#beyond] };
  }

  add(part: number): void {
    this.#beyond.add(part);
    while (this.#beyond.delete(this.#next)) this.#next++;
  }

  /** Those that Dropbox has not, without the last one. */
  *missing(): Generator<number> {
    for (let part = this.#next; part < this.last; part++) if (!this.#beyond.has(part)) yield part;
  }
}

/** What was saved of an upload of so many bytes; undefined for anything else. */
export function savedPartsIn(told: unknown, size: number): SavedParts | undefined {
  if (!isRecord(told)) return undefined;
  const { session, next, beyond } = told;
  const isPart = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) * blockBytes < size + blockBytes;
  const isOurs = typeof session === 'string' && told['size'] === size && isPart(next);
  return isOurs && Array.isArray(beyond) && beyond.every(isPart) ? { session, size, next, beyond } : undefined;
}
