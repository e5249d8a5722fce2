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

/**
 * Throws `InvalidPath` for what would not be listed afterwards under its name: nginx leaves out what begins with a dot, and lighttpd
 * makes underscores of control characters where its settings do not refuse them.
 */
export function assertListable({ hidesDots, changesControls }: ServerTraits, path: string): void {
  const refusal = (message: string): StoreError => new StoreError('InvalidPath', { path, message });
  if (changesControls && /\p{Cc}/u.test(path)) throw refusal('lighttpd takes no control characters in names');
  if (hidesDots && segmentsOf(path).some((name) => name.startsWith('.')))
    throw refusal('nginx does not list names that begin with a dot');
}

/** Names that these servers do not take, for `Capabilities`. */
export function refusedNamesOf({ mistakesLineBreaks, hidesDots, changesControls }: ServerTraits): RegExp | null {
  if (hidesDots) return /^\./;
  if (changesControls) return /\p{Cc}/u;
  return mistakesLineBreaks ? /\n/ : null;
}
