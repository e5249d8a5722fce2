import { isStoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { childOf } from '../../store/path.ts';
import type { CallOptions, Entry } from '../../store/store.ts';
import { chosen } from './known-children.ts';
import { folded } from './sugar-names.ts';
import { entryOf, isUnfinished, type SugarFolder, type SugarResource } from './sugar-resource.ts';
import type { SugarTree } from './sugar-tree.ts';

const foldersAtOnce = 4;

/** What lies directly in a directory. */
export async function* listDirectory(tree: SugarTree, path: string, options: CallOptions): AsyncGenerator<Entry> {
  const children = await tree.fresh(async () => tree.children(await tree.folder(path, options), options));
  for (const child of shownOf(children)) yield entryOf(child, childOf(path, child.name));
}

/** Everything below a directory, one level after the other: the service lists one folder at a time. */
export async function* listTree(tree: SugarTree, path: string, options: CallOptions): AsyncGenerator<Entry> {
  let level: Placed[] = [{ path, folder: await tree.folder(path, options) }];
  for (let isFirst = true; level.length > 0; isFirst = false) {
    const next: Placed[] = [];
    for (let at = 0; at < level.length; at += foldersAtOnce) {
      const entries: Entry[] = [];
      await forEachConcurrently(level.slice(at, at + foldersAtOnce), foldersAtOnce, async (parent) => {
        for (const child of await childrenOf(tree, parent.folder, isFirst, options)) {
          const place = childOf(parent.path, child.name);
          entries.push(entryOf(child, place));
          if (child.kind === 'folder') next.push({ path: place, folder: child });
        }
      });
      yield* entries;
    }
    level = next;
  }
}

interface Placed {
  readonly path: string;
  readonly folder: SugarFolder;
}

/** A folder that was deleted since it was listed holds nothing. */
async function childrenOf(
  tree: SugarTree,
  folder: SugarFolder,
  mustExist: boolean,
  options: CallOptions,
): Promise<SugarResource[]> {
  try {
    return shownOf(await tree.children(folder, options));
  } catch (error) {
    if (mustExist || !isStoreError(error, 'NotFound')) throw error;
    return [];
  }
}

/** One resource for each name; the others of a name, which the service does not take, cannot be told apart by paths. */
export function shownOf(resources: readonly SugarResource[]): SugarResource[] {
  return [...Map.groupBy(resources, ({ name }) => folded(name)).values()]
    .map((called) => chosen(called, called[0]?.name ?? ''))
    .filter((resource) => resource !== undefined)
    .filter((resource) => !isUnfinished(resource));
}
