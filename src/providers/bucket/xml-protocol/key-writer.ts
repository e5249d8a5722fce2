import { createHash } from 'node:crypto';
import type { HttpHeaders } from '../../../http/http-request.ts';
import { Patience } from '../../../http/patience.ts';
import { StoreError } from '../../../store/errors.ts';
import type { CallOptions, Source } from '../../../store/store.ts';
import type { PutOptions, StoredFile } from '../bucket.ts';
import { crc32Text } from './crc32-sum.ts';
import { type Payload, sourcePayload } from './payload.ts';
import { headersOfFile, keptTime, md5Of, revisionOf } from './stored-headers.ts';
import { isUnmet } from './write-conditions.ts';
import { currentRevision, headAnswer, headWritten, type XmlParts } from './xml-parts.ts';

/** Sending a large body may take long; attempts begin within this time, in milliseconds. */
const sendingDeadline = 15 * 60_000;
/** So often at the most a file is sent to a service that does not say what became of it. */
const mostUnsure = 8;
/** A body of so many bytes may be sent twice. */
const cheapBytes = 1 << 16;

/** Writes a key by one request (`PutObject`). Throws `Conflict` for a failed precondition. */
export async function putKey(parts: XmlParts, key: string, source: Source, options: PutOptions): Promise<StoredFile> {
  const { client, settings, conditions } = parts;
  const { signal, ifRevision, contentType, metadata = {} } = options;
  const modified = keptTime(options.modified);
  const payload = await sourcePayload(source, settings.sums, { signal });
  const headers = {
    ...settings.writeHeaders,
    ...headersOfFile(modified, contentType, metadata),
    ...sumHeaders(payload),
  };
  const current = (): Promise<string | null> => currentRevision(parts, key, { signal });
  const isCheap = source.size <= cheapBytes;
  return await conditions.keep('PutObject', { ifRevision, current, isCheap, signal }, async (condition) => {
    let attempts = 0;
    const send = async (): Promise<StoredFile> => {
      const answer = await client.read(
        {
          operation: 'PutObject',
          method: 'PUT',
          key,
          payload,
          signal,
          headers: { ...headers, ...condition },
          retry: { deadline: sendingDeadline },
          onAttempt: () => void attempts++,
        },
        async (answer) => {
          await answer.body.discard();
          return answer;
        },
      );
      const revision = revisionOf(answer.headers['etag']);
      if (revision === '') return await arrivedFile(parts, key, source, { signal });
      return { key, size: source.size, modified, revision, contentType, metadata };
    };
    try {
      return await untilArrived(send, { signal });
    } catch (error) {
      const arrived = attempts > 1 && isUnmet(error) ? await sameBytes(parts, key, source, { signal }) : undefined;
      if (arrived === undefined) throw error;
      return arrived;
    }
  });
}

/** Sends again what is not there, be it because something else has answered, or because others write the key at the same time. */
async function untilArrived(send: () => Promise<StoredFile>, { signal }: CallOptions): Promise<StoredFile> {
  const patience = new Patience({ attempts: mostUnsure, signal });
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
      await patience.afterFailure(error);
    }
  }
}

/** The file, of which the answer to its upload said nothing. Throws `NotThere`. */
async function arrivedFile(parts: XmlParts, key: string, source: Source, options: CallOptions): Promise<StoredFile> {
  const found = await headWritten(parts, key, options);
  const isOther = md5Of(found.revision) !== undefined && (await sameBytes(parts, key, source, options)) === undefined;
  if (found.size === source.size && !isOther) return found;
  throw new NotThere();
}

/** An upload was answered, but something else stands there. */
class NotThere extends StoreError {
  constructor() {
    super('Unavailable', { message: 'the service did not say what became of the file, and has another one' });
  }
}

/** The headers by which the service finds out whether a body arrived as it was sent. */
export function sumHeaders({ md5, crc32 }: Payload): HttpHeaders {
  return {
    'content-md5': md5?.toString('base64'),
    'x-amz-checksum-crc32': crc32 === undefined ? undefined : crc32Text(crc32),
  };
}

/**
 * The file, if a key holds the bytes of the source already: an earlier attempt arrived and only its answer was lost, so it is
 * our own version that the condition refuses.
 */
async function sameBytes(
  parts: XmlParts,
  key: string,
  source: Source,
  { signal }: CallOptions,
): Promise<StoredFile | undefined> {
  const found = await headAnswer(parts, key, { signal });
  const md5 = found === undefined ? undefined : md5Of(found.file.revision, found.headers);
  if (md5 === undefined || found?.file.size !== source.size) return undefined;
  const hash = createHash('md5');
  for await (const chunk of source.stream()) hash.update(chunk);
  return hash.digest('hex') === md5 ? found.file : undefined;
}
