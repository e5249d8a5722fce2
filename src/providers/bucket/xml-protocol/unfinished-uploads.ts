import { childCalled, textOf, type XmlElement } from '../../../http/xml.ts';
import type { CallOptions } from '../../../store/store.ts';
import { abortUpload, type Upload } from './multipart-calls.ts';
import { resultIn } from './service-fault.ts';
import type { XmlParts } from './xml-parts.ts';

/** An upload as the service lists it. */
interface ListedUpload extends Upload {
  /** Milliseconds since the epoch. */
  readonly begun: number;
  /** Who began it, as the service calls him; undefined where it does not tell. */
  readonly initiator: string | undefined;
}

/**
 * Gives up the old unfinished uploads of ours; their parts cost money and are in no listing of files. **Ours** are those below
 * our folder that the same user began who began `known`, an upload that runs right now; **old** are those that began longer
 * than `abandonedAfter` ago by the service's clock. What another user or tool began is left alone, and so is everything where
 * the service does not say who began it. Answers how many were given up.
 */
export async function removeUnfinishedUploads(parts: XmlParts, known: Upload, options: CallOptions): Promise<number> {
  const listed = await Array.fromAsync(listUploads(parts, known.key, options));
  const own = listed.find(({ uploadId }) => uploadId === known.uploadId);
  // It was over before it could be looked up: the next one will do.
  if (own === undefined) parts.learned.looksForUnfinished = true;
  if (own?.initiator === undefined) return 0;
  const limit = parts.client.now() - parts.settings.abandonedAfter;
  let count = 0;
  for await (const upload of listUploads(parts, parts.settings.prefix, options)) {
    if (upload.initiator !== own.initiator || !(upload.begun < limit) || upload.uploadId === known.uploadId) continue;
    await abortUpload(parts, upload, options);
    count++;
  }
  return count;
}

/** Keys are asked for as they are: Ceph percent-encodes them on demand and does not say so. */
async function* listUploads(parts: XmlParts, prefix: string, { signal }: CallOptions): AsyncGenerator<ListedUpload> {
  for (let keyMarker = '', idMarker = ''; ; ) {
    const query = {
      uploads: '',
      prefix,
      'key-marker': keyMarker === '' ? undefined : keyMarker,
      'upload-id-marker': keyMarker === '' ? undefined : idMarker,
    };
    const call = { operation: 'ListMultipartUploads', method: 'GET', query, signal };
    const result = await parts.client.read(call, async (answer) => resultIn(await answer.body.text(), answer.status));
    const told = (name: string): string => textOf(childCalled(result, name)).trim();
    for (const child of result.children) if (child.name === 'Upload') yield uploadIn(child);
    const next = textOf(result, 'NextKeyMarker');
    const nextId = told('NextUploadIdMarker');
    if (told('IsTruncated') !== 'true' || (next === keyMarker && nextId === idMarker)) return;
    [keyMarker, idMarker] = [next, nextId];
  }
}

function uploadIn(element: XmlElement): ListedUpload {
  const person = childCalled(element, 'Initiator');
  const initiator = person === undefined ? '' : textOf(childCalled(person, 'ID')).trim();
  return {
    key: textOf(element, 'Key'),
    uploadId: textOf(childCalled(element, 'UploadId')).trim(),
    begun: Date.parse(textOf(childCalled(element, 'Initiated'))),
    initiator: initiator === '' ? undefined : initiator,
  };
}
