import { StoreError } from '../../store/errors.ts';
import { encodeName, type GoogleQuery } from '../google/google-client.ts';

/** `/storage/v1/b/<bucket>/o`, with a file behind it where one is named. */
export function filesPath(bucket: string, key?: string): string {
  const files = `/storage/v1/b/${encodeName(bucket)}/o`;
  return key === undefined ? files : `${files}/${encodeName(key)}`;
}

/** The precondition for a revision: a generation, or 0 for "must not exist". Throws `Conflict` for what no generation can be. */
export function generationMatch(ifRevision: string | null | undefined): GoogleQuery {
  if (ifRevision === undefined) return {};
  if (ifRevision !== null && !/^\d{1,19}$/.test(ifRevision)) {
    throw new StoreError('Conflict', { message: 'the file never had this revision' });
  }
  return { ifGenerationMatch: ifRevision ?? '0' };
}

/** What no name may hold. */
export const refusedNames: RegExp = /[\r\n]/;

/** Throws `InvalidPath` for names that Google does not take (https://docs.cloud.google.com/storage/docs/objects#naming). */
export function assertKey(key: string): void {
  const flaw = refusedNames.test(key)
    ? 'Google Cloud Storage takes no line breaks in names'
    : key.startsWith('.well-known/acme-challenge/')
      ? 'Google Cloud Storage keeps the names in /.well-known/acme-challenge for itself'
      : undefined;
  if (flaw !== undefined) throw new StoreError('InvalidPath', { message: flaw });
}
