import type { XmlElement } from '../../../http/xml.ts';
import { StoreError } from '../../../store/errors.ts';
import { forEachConcurrently } from '../../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../../store/store.ts';
import type { DeleteKeyOptions } from '../bucket.ts';
import { textPayload } from './payload.ts';
import { faultError, faultIn, faultOf, resultIn } from './service-fault.ts';
import { conditionHeaders } from './stored-headers.ts';
import { currentRevision, type XmlParts } from './xml-parts.ts';
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

/** Deletes keys, 1,000 in one request (`DeleteObjects`). Throws when one of them could not be deleted. */
export async function deleteKeys(parts: XmlParts, keys: readonly string[], { signal }: CallOptions): Promise<void> {
  const single = keys.filter((key) => !fitsXml(key));
  const together = single.length === 0 ? keys : keys.filter(fitsXml);
  await forEachConcurrently(batches(together, xmlLimits.deletesAtOnce), requestsAtOnce, (batch) =>
    removeAll(parts, batch, { signal }),
  );
  await forEachConcurrently(single, requestsAtOnce, (key) => remove(parts, key, { signal }));
}

async function remove(
  { client }: XmlParts,
  key: string,
  { signal }: CallOptions,
  headers: ReturnType<typeof conditionHeaders> = {},
): Promise<void> {
  try {
    const answer = await client.call({ operation: 'DeleteObject', method: 'DELETE', key, headers, signal });
    await answer.body.discard();
  } catch (error) {
    if (faultOf(error)?.status !== 404) throw error;
  }
}

async function removeAll({ client }: XmlParts, keys: readonly string[], { signal }: CallOptions): Promise<void> {
  const list = keys.map((key) => `<Object><Key>${xmlText(key)}</Key></Object>`).join('');
  const text = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${list}</Delete>`;
  const payload = textPayload(text);
  // Swift and older services of Amazon insist on it.
  const headers = { 'content-type': 'application/xml', 'content-md5': payload.md5?.toString('base64') };
  const call = { operation: 'DeleteObjects', method: 'POST', query: { delete: '' }, headers, payload, signal };
  await client.read(call, async (answer) => assertDeleted(resultIn(await answer.body.text(), answer.status)));
}

/** The answer is a success even where keys could not be deleted. */
function assertDeleted(result: XmlElement): void {
  const failures = result.children.filter(({ name }) => name === 'Error').map((error) => faultIn(error, 500));
  const failure = failures.find(({ code }) => code !== 'NoSuchKey');
  if (failure === undefined) return;
  const error = faultError(failure);
  const message = `${failures.length} of the files could not be deleted: ${error.detail}`;
  throw new StoreError(error.code, { message, cause: failure });
}

function* batches(keys: readonly string[], size: number): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
}
