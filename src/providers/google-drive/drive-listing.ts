import { isStoreError, StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { childOf } from '../../store/path.ts';
import type { CallOptions, Entry } from '../../store/store.ts';
import { entryOf } from './drive-entry.ts';
import { type DriveFile, isFolder } from './drive-file.ts';
import { inFolders } from './drive-query.ts';
import type { DriveTree } from './drive-tree.ts';
import { shownNames } from './shown-names.ts';

/** Folders that one query asks for: more would make its address too long. */
const foldersAtOnce = 50;
const queriesAtOnce = 4;

/** The folder at a path, as Drive has it now. Throws `NotFound`, and `NotADirectory` for a file. */
export async function folderAt(tree: DriveTree, path: string, options: CallOptions): Promise<DriveFile> {
  const found = await tree.find(path, options);
  if (found === undefined) throw new StoreError('NotFound', { path });
  if (!isFolder(found)) throw new StoreError('NotADirectory', { path });
  return found;
}

/** What lies directly in a directory. It is whole before the first entry comes, because only then names are known. */
export async function* listDirectory(tree: DriveTree, path: string, options: CallOptions): AsyncGenerator<Entry> {
  const { id } = await folderAt(tree, path, options);
  yield* entriesIn(tree, path, await listFolder(tree, id, options));
}

/** Everything below a directory, one level after the other, many folders with each request. */
export async function* listTree(tree: DriveTree, path: string, options: CallOptions): AsyncGenerator<Entry> {
  const { id } = await folderAt(tree, path, options);
  let level = new Map([[id, path]]);
  while (level.size > 0) {
    const next = new Map<string, string>();
    const batches = batchesOf([...level.keys()]);
    for (let at = 0; at < batches.length; at += queriesAtOnce) {
      const entries: Entry[] = [];
      await forEachConcurrently(batches.slice(at, at + queriesAtOnce), queriesAtOnce, async (folders) => {
        const byFolder = await listFolders(tree, folders, options);
        for (const [folder, files] of byFolder) entries.push(...entriesIn(tree, level.get(folder) ?? path, files));
      });
      for (const entry of entries) {
        if (entry.kind === 'directory' && entry.id !== undefined) next.set(entry.id, entry.path);
        yield entry;
      }
    }
    level = next;
  }
}

async function listFolder(tree: DriveTree, id: string, options: CallOptions): Promise<DriveFile[]> {
  return await tree.calls.list(inFolders([id]), options);
}

/** What lies in several folders. One that was deleted meanwhile holds nothing. */
async function listFolders(
  tree: DriveTree,
  folders: readonly string[],
  options: CallOptions,
): Promise<Map<string, DriveFile[]>> {
  const files = await listOrUndefined(tree, folders, options);
  const byFolder = new Map(folders.map((folder): [string, DriveFile[]] => [folder, []]));
  // Drive has been seen to answer a question about many folders with nothing although they hold files.
  if (folders.length > 1 && (files === undefined || files.length === 0)) {
    for (const folder of folders) byFolder.set(folder, (await listOrUndefined(tree, [folder], options)) ?? []);
    return byFolder;
  }
  for (const file of files ?? []) for (const parent of file.parents ?? []) byFolder.get(parent)?.push(file);
  return byFolder;
}

async function listOrUndefined(
  tree: DriveTree,
  folders: readonly string[],
  options: CallOptions,
): Promise<DriveFile[] | undefined> {
  try {
    return await tree.calls.list(inFolders(folders), options);
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

function entriesIn(tree: DriveTree, directory: string, files: readonly DriveFile[]): Entry[] {
  const names = shownNames(files);
  tree.saw(directory, names);
  return [...names].map(([file, name]) => entryOf(file, childOf(directory, name)));
}

function batchesOf(folders: readonly string[]): string[][] {
  const batches: string[][] = [];
  for (let at = 0; at < folders.length; at += foldersAtOnce) batches.push(folders.slice(at, at + foldersAtOnce));
  return batches;
}
