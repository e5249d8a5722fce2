import { segmentsOf } from '../../store/path.ts';

/** A path as it stands in a request: every name percent-encoded (RFC 3986 section 3.3), `/a%20b` for `/a b`. The root is empty. */
export function encodedPath(path: string): string {
  return segmentsOf(path)
    .map((name) => `/${encodeURIComponent(name)}`)
    .join('');
}

/**
 * The names along a `DAV:href` (RFC 4918 section 8.3): an address or a path, with or without a slash at its end, encoded in
 * whatever way. Undefined where a name cannot be part of a path: `..`, a slash inside, or bytes that are no UTF-8.
 */
export function namesOfHref(href: string): string[] | undefined {
  const path = href.trim().replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  const names = path
    .split('/')
    .filter((name) => name !== '')
    .map(decodedName);
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** What lies below `root`, as a path; undefined for everything else. The root itself is `/`. */
export function pathBelow(root: readonly string[], names: readonly string[]): string | undefined {
  if (names.length < root.length || root.some((name, index) => names[index] !== name)) return undefined;
  return `/${names.slice(root.length).join('/')}`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodedName(encoded: string): string | undefined {
  try {
    const name = encoded.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      utf8.decode(Buffer.from(run.replaceAll('%', ''), 'hex')),
    );
    return name === '.' || name === '..' || /[/\0]/.test(name) ? undefined : name;
  } catch {
    return undefined;
  }
}
