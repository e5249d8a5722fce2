import type { SavableHash } from '../../http/savable-hash.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { blockBytes, blockDigest, contentHash } from './content-hash.ts';
import { faultOf } from './dropbox-fault.ts';
import { type DropboxMetadata, metadataIn, textIn } from './dropbox-metadata.ts';
import { heldBytes } from './held-bytes.ts';
import type { LargeUpload } from './large-upload.ts';
import type { SavedParts } from './saved-session.ts';
import { assertSum } from './small-upload.ts';

/** From so many bytes on parts are sent beside each other. */
export const concurrentFrom: number = 10 * blockBytes;

/** Each is held in memory while it is sent. */
const partsAtOnce = 4;

/**
 * Sends a file in one session, several parts at once in any order
 * (https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-start, `concurrent`): all are blocks of 4 MiB but the last,
 * which is sent when Dropbox has the others, because it closes the session. After a restart only the parts that were under way are sent again.
 * `hash` has the checksums of the parts before `saved.next`.
 */
export async function uploadConcurrently(
  upload: LargeUpload,
  hash: SavableHash,
  saved: SavedParts | undefined,
): Promise<DropboxMetadata> {
  const { client, commit, source, signal } = upload;
  const session = saved?.session ?? (await beginSession(upload));
  const parts = new Parts(source.size, hash, saved);
  const keep = (): void => upload.resume?.save(JSON.stringify({ session, ...parts.state } satisfies SavedParts));
  keep();
  const send = async (part: number): Promise<void> => {
    const offset = part * blockBytes;
    const bytes = await heldBytes(source.slice(offset, Math.min(source.size, offset + blockBytes)), { signal });
    const close = part === parts.last;
    const call = { cursor: { session_id: session, offset }, close, content_hash: contentHash(bytes) };
    try {
      await client.upload('files/upload_session/append_v2', call, bytes, { signal });
    } catch (error) {
      // An answer that was lost is found out when the session is closed already: nothing else closes it.
      if (!close || faultOf(error)?.tags !== 'closed') throw error;
    }
    parts.add(part, blockDigest(bytes));
    keep();
  };
  await forEachConcurrently(parts.missing(), partsAtOnce, send);
  if (parts.isMissing(parts.last)) await send(parts.last);
  const call = { cursor: { session_id: session, offset: source.size }, commit };
  const written = metadataIn(await client.upload('files/upload_session/finish', call, new Uint8Array(0), { signal }));
  return assertSum(written, hash.digest());
}

async function beginSession({ client, signal }: LargeUpload): Promise<string> {
  const call = { session_type: 'concurrent', close: false };
  const begun = await client.upload('files/upload_session/start', call, new Uint8Array(0), { signal });
  return textIn(metadataIn(begun), 'session_id');
}

/** The parts of a file, and which of them Dropbox has. */
class Parts {
  /** The last part. */
  readonly last: number;
  readonly #size: number;
  readonly #hash: SavableHash;
  /** Their checksums. */
  readonly #beyond: Map<number, string>;
  #next: number;

  constructor(size: number, hash: SavableHash, saved: SavedParts | undefined) {
    this.last = Math.ceil(size / blockBytes) - 1;
    this.#size = size;
    this.#hash = hash;
    this.#next = saved?.next ?? 0;
    this.#beyond = new Map(saved?.beyond);
  }

  get state(): Omit<SavedParts, 'session'> {
    return { size: this.#size, next: this.#next, hash: this.#hash.state, beyond: [...this.#beyond] };
  }

  add(part: number, digest: Buffer): void {
    this.#beyond.set(part, digest.toString('base64url'));
    for (let next = this.#beyond.get(this.#next); next !== undefined; next = this.#beyond.get(this.#next)) {
      this.#hash.update(Buffer.from(next, 'base64url'));
      this.#beyond.delete(this.#next++);
    }
  }

  isMissing(part: number): boolean {
    return part >= this.#next && !this.#beyond.has(part);
  }

  /** Those that Dropbox has not, without the last one. */
  *missing(): Generator<number> {
    for (let part = this.#next; part < this.last; part++) if (this.isMissing(part)) yield part;
  }
}
