import type { HttpHeaders } from '../../../http/http-request.ts';
import type { CallOptions } from '../../../store/store.ts';
import { encodeKey } from './percent-encoding.ts';
import { faultOf } from './service-fault.ts';
import { etagOf } from './stored-headers.ts';
import { currentRevision, type XmlParts } from './xml-parts.ts';
import type { XmlSettings } from './xml-settings.ts';

/** What a service is to copy. Without a revision it copies what it finds. */
export interface CopySource {
  readonly key: string;
  readonly revision?: string | undefined;
}

/**
 * Whether parts of a key may be copied. Some versions of Ceph decode the name of a part's source twice, and copy `a b` where `a%20b`
 * was asked for; a service that keeps conditions (`atomic`) would at least refuse that.
 */
export function copiesPartsOf({ learned, settings }: XmlParts, key: string): boolean {
  return learned.copiesParts && (settings.preconditions === 'atomic' || !key.includes('%'));
}

/** Names a source of a copy. */
export function copyHeaders({ bucket }: XmlSettings, { key, revision }: CopySource): HttpHeaders {
  return {
    'x-amz-copy-source': `/${bucket}/${encodeKey(key)}`,
    'x-amz-copy-source-if-match': revision === undefined ? undefined : etagOf(revision),
  };
}

/**
 * Copies this revision of the source. Swift refuses the revision of every file that was uploaded in parts; where it does
 * although the revision is the current one, the copy is made without asking for it, and the revision is looked at by who
 * copies. A service that keeps conditions (`atomic`) is believed.
 */
export async function keepSource<T>(
  parts: XmlParts,
  source: CopySource,
  options: CallOptions,
  copy: (source: CopySource) => Promise<T>,
): Promise<T> {
  if (!parts.learned.copyConditions) return await copy({ key: source.key });
  try {
    return await copy(source);
  } catch (error) {
    if (faultOf(error)?.status !== 412 || parts.settings.preconditions === 'atomic') throw error;
    if ((await currentRevision(parts, source.key, options)) !== source.revision) throw error;
    const copied = await copy({ key: source.key });
    parts.learned.copyConditions = false;
    return copied;
  }
}
