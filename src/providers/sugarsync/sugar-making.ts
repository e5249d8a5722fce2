/**
 * Making files and folders. The service gives the id, so a request whose answer was lost cannot be told from one that never came:
 * before it is repeated, and when it is refused, the folder is looked through for what an earlier attempt made.
 */
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { isRefusal, type SugarCalls, type SugarPlace } from './sugar-calls.ts';
import type { KnownChildren } from './known-children.ts';
import { isUnfinished, type SugarFile, type SugarFolder, type SugarResource } from './sugar-resource.ts';

/** Where things are made. */
export interface MakingPlace {
  readonly calls: SugarCalls;
  readonly known: KnownChildren;
  children(folder: SugarFolder, options: CallOptions): Promise<SugarResource[]>;
}

/** Makes a folder where nothing of its name was seen. One that somebody else made meanwhile is as good; a file is `NotADirectory`. */
export async function makeFolder(tree: MakingPlace, place: SugarPlace, options: CallOptions): Promise<SugarFolder> {
  const made = await making(tree, place, options, () => tree.calls.createFolder(place, options));
  if (typeof made !== 'string') {
    if (made.kind === 'folder') return made;
    throw new StoreError('NotADirectory', { message: `"${place.name}" is a file` });
  }
  const folder: SugarFolder = { kind: 'folder', ref: made, name: place.name, parent: place.parent.ref };
  tree.known.put(place.parent.ref, folder);
  tree.known.made(made);
  return folder;
}

/** Makes a file without content, which is not shown yet. `Conflict` where somebody else was faster. */
export async function makeFile(tree: MakingPlace, place: SugarPlace, options: CallOptions): Promise<SugarFile> {
  const made = await making(tree, place, options, () => tree.calls.createFile(place, options));
  if (typeof made !== 'string') {
    if (isUnfinished(made)) return made;
    throw new StoreError('Conflict', { message: `"${place.name}" was made by somebody else meanwhile` });
  }
  const nothing = { size: undefined, modified: 0, isPresent: false };
  const file: SugarFile = { kind: 'file', ref: made, name: place.name, parent: place.parent.ref, ...nothing };
  tree.known.put(place.parent.ref, file);
  return file;
}

/** Copies a file to a place where nothing is. */
export async function makeCopy(
  tree: MakingPlace,
  source: SugarFile,
  place: SugarPlace,
  options: CallOptions,
): Promise<void> {
  const made = await making(tree, place, options, () => tree.calls.copyFile(source.ref, place, options));
  if (typeof made === 'string') {
    const copy = await tree.calls.get(made, options);
    if (copy !== undefined) tree.known.put(place.parent.ref, copy);
  } else if (made.kind === 'folder') throw new StoreError('IsADirectory', { message: `"${place.name}" is a folder` });
}

/** Answers the ref of what was made, or what stands there because an earlier attempt, or somebody else, made it. */
async function making(
  tree: MakingPlace,
  { name, parent }: SugarPlace,
  options: CallOptions,
  send: () => Promise<string | undefined>,
): Promise<string | SugarResource> {
  let isLooking = false;
  const look = async (): Promise<SugarResource | undefined> => {
    isLooking = true;
    await tree.children(parent, options);
    isLooking = false;
    return tree.known.called(parent.ref, name);
  };
  const work = async (attempt: number): Promise<string | SugarResource> => {
    const earlier = attempt === 1 ? undefined : await look();
    if (earlier !== undefined) return earlier;
    try {
      const made = (await send()) ?? (await look());
      if (made !== undefined) return made;
    } catch (error) {
      const found = isRefusal(error) ? await look() : undefined;
      if (found === undefined) throw error;
      return found;
    }
    throw new StoreError('Unavailable', { message: `SugarSync said that it made "${name}", and there is none` });
  };
  // A listing is repeated by itself.
  return await tree.calls.client.retrying(options, work, { mayRepeat: () => !isLooking });
}
