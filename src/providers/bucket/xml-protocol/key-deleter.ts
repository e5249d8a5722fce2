import type { XmlElement } from '../../../http/xml.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import { forEachConcurrently } from '../../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../../store/store.ts';
import type { DeleteKeyOptions, DeleteKeysOptions } from '../bucket.ts';
import { textPayload } from './payload.ts';
import { childCalled, textOf } from '../../../http/xml.ts';
import { faultError, faultIn, faultOf, resultIn } from './service-fault.ts';
import { conditionHeaders, etagOf } from './stored-headers.ts';
import { currentRevision, headKey, type XmlParts } from './xml-parts.ts';
import { xmlLimits } from './xml-settings.ts';
import { fitsXml, xmlText } from './xml-text.ts';

const requestsAtOnce = 4;

/** Deletes one key (`DeleteObject`). Most services do not look at conditions here, so the revision is looked at before. */
export async function deleteKey(parts: XmlParts, key: string, { ifRevision, signal }: DeleteKeyOptions): Promise<void> {
  if (ifRevision === undefined) return await remove(parts, key, { signal });
  const current = (): Promise<string | null> => currentRevision(parts, key, { signal });
  const found = await current();
  if (found === null) return;
  await parts.conditions.keepSeen('DeleteObject', { ifRevision, current, signal }, found, (condition) =>
    remove(parts, key, { signal }, condition),
  );
}

/**
 * Deletes keys, 1,000 in one request (`DeleteObjects`). Throws when one of them could not be deleted. Where `settings.deletesByEtag`
 * says so the service looks at the revisions itself; the answer are the keys that it therefore leaves.
 */
export async function deleteKeys(
  parts: XmlParts,
  keys: readonly string[],
  { revisions, signal }: DeleteKeysOptions,
): Promise<readonly string[]> {
  const kept: string[] = [];
  const single = keys.filter((key) => !fitsXml(key));
  const together = single.length === 0 ? keys : keys.filter(fitsXml);
  await forEachConcurrently(batches(together, xmlLimits.deletesAtOnce), requestsAtOnce, (batch) =>
    removeAll(parts, batch, { revisions, signal }).then((left) => void kept.push(...left)),
  );
  await forEachConcurrently(single, requestsAtOnce, async (key) => {
    try {
      await deleteKey(parts, key, { ifRevision: revisions?.get(key), signal });
    } catch (error) {
      if (!isStoreError(error, 'Conflict')) throw error;
      kept.push(key);
    }
  });
  return kept;
}

async function remove(
  parts: XmlParts,
  key: string,
  { signal }: CallOptions,
  headers: ReturnType<typeof conditionHeaders> = {},
): Promise<void> {
  try {
    const answer = await parts.client.call({ operation: 'DeleteObject', method: 'DELETE', key, headers, signal });
    await answer.body.discard();
    // The protocol answers 204; what says something else may not be the service.
    if (answer.status === 204 || (await headKey(parts, key, { signal })) === undefined) return;
    throw new StoreError('Unavailable', { message: `the service answered ${answer.status} and did not delete it` });
  } catch (error) {
    if (faultOf(error)?.status !== 404) throw error;
  }
}

async function removeAll(
  { client, settings }: XmlParts,
  keys: readonly string[],
  { revisions, signal }: DeleteKeysOptions,
): Promise<readonly string[]> {
  const stated = (key: string): string => {
    const revision = settings.deletesByEtag === true ? revisions?.get(key) : undefined;
    return revision === undefined ? '' : `<ETag>${xmlText(etagOf(revision))}</ETag>`;
  };
  const list = keys.map((key) => `<Object><Key>${xmlText(key)}</Key>${stated(key)}</Object>`).join('');
  const text = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${list}</Delete>`;
  const payload = textPayload(text);
  // Swift and older services of Amazon insist on it.
  const headers = { 'content-type': 'application/xml', 'content-md5': payload.md5?.toString('base64') };
  const call = { operation: 'DeleteObjects', method: 'POST', query: { delete: '' }, headers, payload, signal };
  return await client.read(call, async (answer) => keptIn(resultIn(await answer.body.text(), answer.status)));
}

/** The answer is a success even where keys could not be deleted: throws for those, but for those whose ETag is another. */
function keptIn(result: XmlElement): readonly string[] {
  const errors = result.children.filter(({ name }) => name === 'Error');
  const isOther = (error: XmlElement): boolean => textOf(childCalled(error, 'Code')).trim() === 'PreconditionFailed';
  const kept = errors.filter(isOther).map((error) => textOf(childCalled(error, 'Key')));
  const failures = errors.filter((error) => !isOther(error)).map((error) => faultIn(error, 500));
  const failure = failures.find(({ code }) => code !== 'NoSuchKey');
  if (failure === undefined) return kept;
  const error = faultError(failure);
  const message = `${failures.length} of the files could not be deleted: ${error.detail}`;
  throw new StoreError(error.code, { message, cause: failure });
}

function* batches(keys: readonly string[], size: number): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
}
