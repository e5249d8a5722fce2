import { StoreError } from '../../store/errors.ts';
import { segmentsOf } from '../../store/path.ts';
import type { ServerTraits } from './server-traits.ts';

/**
 * Throws `InvalidPath` for a path that the server mistakes for another: SabreDAV and what is built on it cut a path with a line break
 * at the wrong place, and a DELETE of it would be one of the root.
 */
export function assertUnderstood(traits: ServerTraits, path: string): void {
  if (!traits.mistakesLineBreaks || !path.includes('\n')) return;
  throw new StoreError('InvalidPath', { path, message: 'this server takes no line breaks in names' });
}

/** Throws `InvalidPath` for what would not be listed afterwards: nginx leaves out what begins with a dot. */
export function assertListable(traits: ServerTraits, path: string): void {
  if (!traits.hidesDots || !segmentsOf(path).some((name) => name.startsWith('.'))) return;
  throw new StoreError('InvalidPath', { path, message: 'nginx does not list names that begin with a dot' });
}

/** The error for a refusal that has its reason in the name: lighttpd takes no control characters, unless its settings allow them. */
export function badName(path: string, status: number): StoreError | undefined {
  if (status !== 400 || !/\p{Cc}/u.test(path)) return undefined;
  return new StoreError('InvalidPath', { path, message: 'the server takes no control characters in names (400)' });
}
