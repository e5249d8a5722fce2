import { StoreError } from '../../store/errors.ts';
import { segmentsOf } from '../../store/path.ts';
import type { ServerTraits } from './server-traits.ts';

const lineBreak = /\n/;
const noLineBreaks = 'this server takes no line breaks in names';

/**
 * Throws `InvalidPath` for a path that the server mistakes for another: SabreDAV and what is built on it cut a path with a line break
 * at the wrong place, and a DELETE of it would be one of the root.
 */
export function assertUnderstood(traits: ServerTraits, path: string): void {
  if (!traits.mistakesLineBreaks || !lineBreak.test(path)) return;
  throw new StoreError('InvalidPath', { path, message: noLineBreaks });
}

/** Throws `InvalidPath` for a path with a name that the server does not take. */
export function assertListable(traits: ServerTraits, path: string): void {
  const refusal = refusalOf(traits);
  if (refusal !== undefined && segmentsOf(path).some((name) => refusal.names.test(name)))
    throw new StoreError('InvalidPath', { path, message: refusal.why });
}

/** Names that the server does not take, for `Capabilities`. */
export function refusedNamesOf(traits: ServerTraits): RegExp | null {
  return refusalOf(traits)?.names ?? null;
}

/** lighttpd makes underscores of control characters, where its settings do not refuse them. */
function refusalOf(traits: ServerTraits): { readonly names: RegExp; readonly why: string } | undefined {
  if (traits.hidesDots) return { names: /^\./, why: 'nginx does not list names that begin with a dot' };
  if (traits.changesControls) return { names: /\p{Cc}/u, why: 'lighttpd takes no control characters in names' };
  if (traits.mistakesLineBreaks) return { names: lineBreak, why: noLineBreaks };
  return undefined;
}
