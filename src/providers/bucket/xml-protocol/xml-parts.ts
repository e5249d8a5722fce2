import type { HttpHeaders } from '../../../http/http-request.ts';
import { StoreError } from '../../../store/errors.ts';
import type { CallOptions } from '../../../store/store.ts';
import type { StoredFile } from '../bucket.ts';
import type { BackgroundWork } from './background-work.ts';
import type { SignedClient } from './signed-client.ts';
import { fileOfHeaders } from './stored-headers.ts';
import { faultOf } from './service-fault.ts';
import type { WriteConditions } from './write-conditions.ts';
import type { XmlSettings } from './xml-settings.ts';

/** What the parts of an `XmlBucket` share. */
export interface XmlParts {
  readonly client: SignedClient;
  readonly settings: XmlSettings;
  readonly conditions: WriteConditions;
  readonly background: BackgroundWork;
  /** What the service turned out to do, and what need not be done again. */
  readonly learned: { copiesParts: boolean; copyConditions: boolean; partSums: boolean; looksForUnfinished: boolean };
}

/** What is stored under a key (`HeadObject`) with all that the service tells of it, or undefined. */
export async function headAnswer(
  { client }: XmlParts,
  key: string,
  { signal }: CallOptions,
): Promise<{ readonly file: StoredFile; readonly headers: HttpHeaders } | undefined> {
  try {
    const { headers, body } = await client.call({ operation: 'HeadObject', method: 'HEAD', key, signal });
    await body.discard();
    return { file: fileOfHeaders(key, headers), headers };
  } catch (error) {
    if (faultOf(error)?.status === 404) return undefined;
    throw error;
  }
}

/** What is stored under a key, or undefined. */
export async function headKey(parts: XmlParts, key: string, options: CallOptions): Promise<StoredFile | undefined> {
  return (await headAnswer(parts, key, options))?.file;
}

/** The same right after it was written, for services whose answer does not tell it. */
export async function headWritten(parts: XmlParts, key: string, options: CallOptions): Promise<StoredFile> {
  const file = await headKey(parts, key, options);
  if (file === undefined)
    throw new StoreError('Conflict', { message: 'the file was removed right after it was written' });
  return file;
}

/** The revision of a key, or null. */
export async function currentRevision(parts: XmlParts, key: string, options: CallOptions): Promise<string | null> {
  return (await headKey(parts, key, options))?.revision ?? null;
}
