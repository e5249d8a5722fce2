import { isRecord } from '../../http/told-values.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { contentHash } from './content-hash.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { metadataIn } from './dropbox-metadata.ts';
import type { WaitingWrite } from './waiting-write.ts';

/** The argument of a request that brings bytes is a header, and many a server takes none of more than 8 KiB. */
const headerBytes = 7_500;
/** Bytes of a request. */
const requestBytes = 4 << 20;

/** A file of a batch, whose session is begun. */
export interface Begun {
  readonly waiting: WaitingWrite;
  readonly session: string;
  /** Dropbox does not know the session any more, or not as we do. */
  isLost?: boolean;
}

/** As many together as one request may bring. */
export function* partsOf(begun: readonly Begun[]): Generator<Begun[]> {
  let part: Begun[] = [];
  let [header, bytes] = [0, 0];
  for (const one of begun) {
    const told = JSON.stringify(entryOf(one)).length + 1;
    const size = one.waiting.write.bytes.length;
    if (part.length > 0 && (header + told > headerBytes || bytes + size > requestBytes)) {
      yield part;
      [part, header, bytes] = [[], 0, 0];
    }
    part.push(one);
    header += told;
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** Brings the bytes of several files, and closes their sessions. Answers those that were still wanted; what did not arrive is lost. */
export async function appendPart(
  client: DropboxClient,
  part: readonly Begun[],
  options: CallOptions,
): Promise<readonly Begun[]> {
  const wanted = part.filter(({ waiting }) => !waiting.isSettled);
  if (wanted.length === 0) return [];
  const body = Buffer.concat(wanted.map(({ waiting }) => waiting.write.bytes));
  const parameters = { entries: wanted.map(entryOf), content_hash: contentHash(body) };
  const answer = await client.upload('files/upload_session/append_batch', parameters, body, options);
  const results: unknown = answer?.['entries'];
  if (!Array.isArray(results) || results.length !== wanted.length)
    throw new StoreError('Unavailable', { message: 'Dropbox did not tell what arrived' });
  for (const [index, begun] of wanted.entries()) begun.isLost = !hasArrived(results[index]);
  return wanted;
}

function entryOf({ waiting, session }: Begun): object {
  return { cursor: { session_id: session, offset: 0 }, length: waiting.write.bytes.length, close: true };
}

/** A session is closed already where the answer of an earlier attempt was lost. */
function hasArrived(told: unknown): boolean {
  const result = metadataIn(told);
  const failure = result['failure'];
  return result['.tag'] === 'success' || (isRecord(failure) && failure['.tag'] === 'closed');
}
