import { maxNameBytes } from '../../store/path.ts';
import { byAge, type DriveFile } from './drive-file.ts';

/**
 * The names under which the files of one folder are shown. Drive lets several have the same name, and lets names be anything: the
 * oldest keeps its name, and every other one, and each whose name no path can hold, is told apart by its id.
 */
export function shownNames(files: readonly DriveFile[]): Map<DriveFile, string> {
  const names = new Map<DriveFile, string>();
  const taken = new Set<string>();
  for (const file of files.toSorted(byAge)) {
    const isFree = isPlain(file.name) && !taken.has(file.name);
    taken.add(file.name);
    names.set(file, isFree ? file.name : distinctName(file));
  }
  return names;
}

/** `report (1AbC…).pdf`: the name with the id in it, as much of the name as fits, `_` for what no path can hold. */
export function distinctName({ name, id }: Pick<DriveFile, 'name' | 'id'>): string {
  const possible = name.toWellFormed().replace(/[/\0]/g, '_');
  const dot = possible.lastIndexOf('.');
  const hasEnding = dot > 0 && possible.length - dot <= longestEnding;
  const ending = hasEnding ? possible.slice(dot) : '';
  const mark = ` (${id})`;
  const room = maxNameBytes - Buffer.byteLength(mark + ending);
  return `${cutTo(hasEnding ? possible.slice(0, dot) : possible, room)}${mark}${ending}`;
}

/** The ids that a name may hold as `distinctName` writes them, the likeliest first. */
export function idsInName(name: string): string[] {
  return [...name.matchAll(/ \(([\w-]{10,100})\)/g)].map(([, id]) => id ?? '').toReversed();
}

/** Whether a path can hold this name as it is. */
export function isPlain(name: string): boolean {
  const isSegment = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && name.isWellFormed();
  return isSegment && Buffer.byteLength(name) <= maxNameBytes;
}

/** In UTF-16 units, with the dot. */
const longestEnding = 12;

function cutTo(text: string, bytes: number): string {
  let cut = '';
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    cut += character;
  }
  return cut;
}
