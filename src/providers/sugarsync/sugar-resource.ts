import { toldSize, toldTime } from '../../http/told-values.ts';
import { textOf, type XmlElement } from '../../http/xml.ts';
import { StoreError } from '../../store/errors.ts';
import type { DirectoryEntry, Entry, FileEntry } from '../../store/store.ts';

/** A folder as the Platform API tells of it. */
export interface SugarFolder {
  readonly kind: 'folder';
  /** Path of its address: `/folder/:sc:566494:5`; the list of sync folders is `/user/566494/folders`. */
  readonly ref: string;
  readonly name: string;
  /** The ref of what it lies in. */
  readonly parent?: string | undefined;
}

/** A file as the Platform API tells of it. */
export interface SugarFile {
  readonly kind: 'file';
  readonly ref: string;
  readonly name: string;
  readonly parent?: string | undefined;
  /** In bytes; undefined where nothing was ever sent. */
  readonly size: number | undefined;
  /** Milliseconds since the epoch; SugarSync's own, when it took the content. */
  readonly modified: number;
  /** Its content is at the service, and not only on a computer that is to send it. */
  readonly isPresent: boolean;
}

/** What a folder holds. */
export type SugarResource = SugarFolder | SugarFile;

/** Made, but never filled: such a file is none yet. Whoever writes under its name fills it. */
export function isUnfinished(resource: SugarResource): resource is SugarFile {
  return resource.kind === 'file' && !resource.isPresent && resource.size === undefined;
}

/** Whether it is the list of sync folders, which holds no files. */
export function isTop({ ref }: Pick<SugarFolder, 'ref'>): boolean {
  return ref.startsWith('/user/');
}

/** The entry of what stands at `path`. */
export function entryOf(resource: SugarResource, path: string): Entry {
  return resource.kind === 'folder' ? directoryEntryOf(resource, path) : fileEntryOf(resource, path);
}

/** The entry of a file. */
export function fileEntryOf(file: SugarFile, path: string): FileEntry {
  const { modified } = file;
  return { kind: 'file', path, size: file.size ?? 0, modified, revision: revisionOf(file), id: idOf(file) };
}

/** Names one content of one file, as far as listings tell: SugarSync has no other mark of a version there than its time and size. */
export function revisionOf(file: SugarFile): string {
  return `${idOf(file)}.${file.modified}.${file.size ?? ''}`;
}

/** What an element of a listing, or the whole answer about one file or folder, tells. Listings do not tell `parent`, and the others not `ref`. */
export function resourceIn(
  element: XmlElement,
  { ref = refOf(textOf(element, 'ref')), parent: folder }: { readonly ref?: string; readonly parent?: string },
): SugarResource {
  const name = textOf(element, 'displayName');
  const told = textOf(element, 'parent').trim();
  const parent = told === '' ? folder : refOf(told);
  if (ref.startsWith('/folder/')) return { kind: 'folder', ref, name, parent };
  if (!ref.startsWith('/file/')) throw strangeAnswer();
  const size = textOf(element, 'size').trim();
  return {
    kind: 'file',
    ref,
    name,
    parent,
    size: size === '' || size === '-1' ? undefined : toldSize(size),
    modified: toldTime(textOf(element, 'lastModified').trim()),
    isPresent: textOf(element, 'presentOnServer').trim() === 'true',
  };
}

/**
 * The path of an address that SugarSync told. Only that much of it is used: tokens go to the service that was configured, whatever
 * an answer says. Throws `Unavailable` for what is no address of a resource.
 */
export function refOf(address: string): string {
  const path = URL.parse(address.trim())?.pathname.replace(/%3a/gi, ':') ?? '';
  if (/^\/\w+\/[\w.~:-]+(?:\/\w+)*$/.test(path)) return path;
  throw strangeAnswer();
}

/** What came is no answer of SugarSync. */
export function strangeAnswer(): StoreError {
  return new StoreError('Unavailable', {
    message: 'SugarSync, or something on the way to it, answered something else',
  });
}

function idOf({ ref }: SugarResource): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function directoryEntryOf(folder: SugarFolder, path: string): DirectoryEntry {
  return path === '/' ? { kind: 'directory', path } : { kind: 'directory', path, id: idOf(folder) };
}
