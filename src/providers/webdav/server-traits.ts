import type { HttpHeaders } from '../../http/http-request.ts';

/** How a server behaves where the standard leaves it open. */
export interface ServerTraits {
  /** What it was taken for, for people. */
  readonly kind: 'apache' | 'lighttpd' | 'nginx' | 'nextcloud' | 'sabredav' | 'unknown';
  /** Readers see the old file until a PUT has arrived whole. Otherwise a file is uploaded beside its place and moved there. */
  readonly putIsAtomic: boolean;
  /** Conditions with ETags are kept, in `If` (RFC 4918 section 10.4) too. */
  readonly keepsConditions: boolean;
  /** Those of the target of a MOVE or COPY as well. */
  readonly keepsTargetConditions: boolean;
  /** `If-Match` does not know the ETags that listings tell, as long as they are weak. */
  readonly weakAtFirst: boolean;
  /** Write locks (RFC 4918 section 6), needed where conditions are not kept. */
  readonly locks: boolean;
  /** What GET answers is a second old after a COPY onto a file or a PUT of no bytes, and names of 255 bytes are too long for PUT. */
  readonly wantsMoves: boolean;
  /** Names that begin with a dot are not listed. */
  readonly hidesDots: boolean;
  /** Control characters in names are refused or, by another setting, become underscores. */
  readonly changesControls: boolean;
  /** A path with a line break in it is taken for another one, and be it the root. */
  readonly mistakesLineBreaks: boolean;
  /** Times given with an upload are kept (`X-OC-Mtime`), and large files are taken in chunks. */
  readonly isNextcloud: boolean;
}

/**
 * Recognizes a server by its answer to OPTIONS. Apache, lighttpd and nginx were measured: they put an upload into a temporary
 * file and rename it. SabreDAV by itself writes in place. Of any other server nothing is believed.
 */
export function traitsOf(path: string, headers: HttpHeaders): ServerTraits {
  const dav = headers['dav'] ?? '';
  const classes = new Set(dav.split(',').map((name) => name.trim()));
  const server = headers['server'] ?? '';
  const common = { ...unknown, locks: classes.has('2') };
  const careful = { keepsConditions: true, keepsTargetConditions: true };
  if (isNextcloudPath(path))
    return { ...common, ...careful, kind: 'nextcloud', putIsAtomic: true, isNextcloud: true, mistakesLineBreaks: true };
  if (dav.includes('http://apache.org/dav/propset/fs/1'))
    return { ...common, ...careful, kind: 'apache', putIsAtomic: true, weakAtFirst: true };
  // It takes the ETag of a condition for that of the source, whatever the condition names.
  if (/^lighttpd\b/i.test(server))
    return {
      ...common,
      kind: 'lighttpd',
      putIsAtomic: true,
      keepsConditions: true,
      wantsMoves: true,
      changesControls: true,
    };
  if (/^nginx\b/i.test(server) && [...classes].join() === '2')
    return { ...common, kind: 'nginx', putIsAtomic: true, hidesDots: true };
  if (classes.has('extended-mkcol')) return { ...common, ...careful, kind: 'sabredav', mistakesLineBreaks: true };
  return common;
}

/** Whether an address is one of Nextcloud's or ownCloud's, which have WebDAV below `/remote.php/` on every installation. */
export function isNextcloudPath(path: string): boolean {
  return /\/remote\.php\/(?:webdav|dav\/files)(?:\/|$)/.test(path);
}

const unknown: ServerTraits = {
  kind: 'unknown',
  putIsAtomic: false,
  keepsConditions: false,
  keepsTargetConditions: false,
  weakAtFirst: false,
  locks: false,
  wantsMoves: false,
  hidesDots: false,
  changesControls: false,
  mistakesLineBreaks: false,
  isNextcloud: false,
};
