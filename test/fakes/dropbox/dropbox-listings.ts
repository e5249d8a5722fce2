import { randomUUID } from 'node:crypto';
import { misunderstand, refuse } from './dropbox-refusal.ts';
import type { Cursor, DropboxState } from './dropbox-state.ts';
import { metadataOf, type Parameters, pathIn } from './dropbox-told.ts';

/** Calls that list, and tell what changed since. */
export const listings: Readonly<Record<string, (state: DropboxState, parameters: Parameters) => unknown>> = {
  'files/list_folder': (state, { path, recursive, limit }) => {
    const { disk } = state;
    const at = pathIn(path);
    if (limit !== undefined && !(Number(limit) >= 1 && Number(limit) <= 2000)) misunderstand('limit: out of range');
    const folder = at === '' ? undefined : (disk.get(at) ?? refuse('path/not_found'));
    if (folder?.file !== undefined) refuse('path/not_folder');
    const isDirect = (lower: string): boolean => lower.lastIndexOf('/') === at.length;
    const found = disk.below(at).filter(([lower]) => recursive === true || isDirect(lower));
    const itself = recursive === true && folder !== undefined ? [metadataOf(disk, at, folder)] : [];
    const rest = [...itself, ...found.map(([lower, entry]) => metadataOf(disk, lower, entry))];
    const cursor = { path: at, recursive: recursive === true, rest, journal: disk.journal.length };
    return page(state, cursor, Math.min(Number(limit ?? 2000), state.pageEntries));
  },
  'files/list_folder/get_latest_cursor': (state, { path, recursive }) => {
    const cursor = { path: pathIn(path), recursive: recursive === true, rest: [], journal: state.disk.journal.length };
    return { cursor: kept(state, cursor) };
  },
  'files/list_folder/continue': (state, { cursor: named }) => {
    if (!/^[\w-]{36}$/.test(String(named))) misunderstand('Invalid "cursor" parameter');
    const cursor = state.cursors.get(String(named)) ?? refuse('reset');
    if (cursor.rest.length > 0) return page(state, cursor, state.pageEntries);
    const [rest, journal] = [changesSince(state, cursor), state.disk.journal.length];
    return page(state, { ...cursor, rest, journal }, state.pageEntries);
  },
};

/** Each path once, as it is now. */
export function changesSince({ disk }: DropboxState, { path, recursive, journal }: Cursor): object[] {
  const above = `${path.toLowerCase()}/`;
  const changed = new Set(disk.journal.slice(journal).filter((lower) => lower.startsWith(above)));
  return [...changed]
    .filter((lower) => recursive || !lower.includes('/', above.length))
    .map((lower) => {
      const entry = disk.get(lower);
      if (entry !== undefined) return metadataOf(disk, lower, entry);
      const name = lower.slice(lower.lastIndexOf('/') + 1);
      return { '.tag': 'deleted', name, path_lower: lower, path_display: lower };
    });
}

function page(state: DropboxState, cursor: Cursor, size: number): object {
  const rest = cursor.rest.slice(size);
  return { entries: cursor.rest.slice(0, size), cursor: kept(state, { ...cursor, rest }), has_more: rest.length > 0 };
}

/** The same cursor for the same place. */
function kept({ cursors }: DropboxState, cursor: Cursor): string {
  const same = [...cursors].find(([, { path, recursive, rest, journal }]) => {
    const isHere = path === cursor.path && recursive === cursor.recursive && journal === cursor.journal;
    return isHere && rest.length === 0 && cursor.rest.length === 0;
  });
  if (same !== undefined) return same[0];
  const name = randomUUID();
  cursors.set(name, cursor);
  return name;
}
