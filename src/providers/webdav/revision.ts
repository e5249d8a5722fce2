/** What a server tells about the version of a file. */
export interface VersionFacts {
  /** As it was sent, `W/` included. */
  readonly etag?: string | undefined;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified?: number | undefined;
}

/**
 * The revision of a file: its ETag without the mark of weakness, which Apache takes back after a second. Where there is none, time
 * and size; such a revision does not change with a content that is replaced within a second by one of the same size.
 */
export function revisionOf({ etag, size, modified }: VersionFacts): string | undefined {
  const tag = etag === undefined ? undefined : opaqueTag(etag);
  if (tag !== undefined) return tag;
  return modified === undefined ? undefined : `${modified / 1000}-${size}`;
}

/** `"…"` of an ETag (RFC 9110 section 8.8.3); the quotes that some servers leave out are added. Undefined for what is none. */
export function opaqueTag(etag: string): string | undefined {
  const tag = etag.trim().replace(/^W\//, '');
  if (/^"[^"]*"$/.test(tag)) return tag;
  return tag === '' || /["\s]/.test(tag) ? undefined : `"${tag}"`;
}

/** Whether a revision is an ETag, so that a server can be asked to keep a condition with it. */
export function isEtag(revision: string): boolean {
  return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(revision);
}
