import type { HttpHeaders } from '../../http/http-request.ts';
import type { Source, WriteOptions } from '../../store/store.ts';
import type { Condition } from './conditions.ts';
import { assertDone, type DavServer } from './dav-server.ts';
import { creating } from './directories.ts';
import { findEntry } from './find-resource.ts';
import { checksumHeader, checksumOf } from './oc-checksum.ts';

/** Larger bodies are sent only after the server has agreed to take them, so that a refusal costs nothing. */
const askFirstFrom = 256 << 10;

/** One upload. */
export interface Upload extends WriteOptions {
  readonly path: string;
  readonly source: Source;
}

/** Sends a body to `path`, once and again if need be; Nextcloud is told its checksum. Answers the headers of the success. */
export async function putFile(
  server: DavServer,
  { path, source, modified, ifRevision, signal }: Upload,
  condition: Condition = {},
): Promise<HttpHeaders> {
  const headers = {
    ...condition,
    'content-type': 'application/octet-stream',
    [checksumHeader]: server.traits.isNextcloud ? await checksumOf(source, { signal }) : undefined,
    'x-oc-mtime': modified === undefined ? undefined : String(modified / 1000),
  };
  const expectContinue = source.size >= askFirstFrom;
  const request = { method: 'PUT', path, headers, body: source, signal, expectContinue };
  const answer = await server.overwritings.during(path, () => creating(server, request));
  await answer.body.discard();
  await assertDone(answer, async () => {
    const found = await findEntry(server, path, signal);
    return found?.kind === 'file' && found.size === source.size && found.revision !== ifRevision;
  });
  return answer.headers;
}
