import { nameOf, parentOf, segmentsOf } from '../store/path.ts';
import type { ToldChange } from '../store/store.ts';
import type { Node } from './node.ts';
import type { RemoteListing } from './remote-listing.ts';
import { isSameVersion } from './synced-entry.ts';
import type { Tree } from './tree.ts';
import { nextTurn } from './turns.ts';

/** Names read at a time. */
const namesAtOnce = 1000;

/**
 * What the store told of changes, on its way into the tree: whatever is not as it was known is listed again. It names places only;
 * the listing is what the tree follows, with all its care for what is being changed here.
 */
export class ToldChanges {
  readonly #tree: Tree;
  readonly #listing: RemoteListing;
  /** By path at the store; undefined where no such directory is known. */
  readonly #directories = new Map<string, Node | undefined>();
  /** What the store is known to have in a directory, by its name there. */
  readonly #names = new Map<Node, ReadonlyMap<string, number>>();

  readonly #caseSensitive: boolean;

  /** `caseSensitive`: as the store's capability. Without it a path may be told in another spelling than it was listed in. */
  constructor(tree: Tree, listing: RemoteListing, caseSensitive: boolean) {
    this.#tree = tree;
    this.#listing = listing;
    this.#caseSensitive = caseSensitive;
  }

  /** Resolves when no listing is believed any more that a change touched, and those of known directories were made again where the store could be reached. */
  async take(told: readonly ToldChange[]): Promise<void> {
    const touched = new Set<Node>();
    for (const change of told) {
      const directory = await this.#directoryAt(parentOf(change.path));
      if (directory !== undefined && !touched.has(directory) && !(await this.#isKnown(directory, change)))
        touched.add(directory);
      await this.#expireBelow(change);
    }
    for (const directory of touched) await this.#listing.listChanged(directory);
  }

  /** What is told of a directory counts for all below. It is listed again by who looks there next. */
  async #expireBelow({ path, entry }: ToldChange): Promise<void> {
    if (entry?.kind === 'file') return;
    const changed = await this.#directoryAt(path);
    const waiting = changed === undefined ? [] : [changed.id];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const directory = this.#tree.find(id);
      if (directory === undefined) continue;
      this.#listing.expire(directory);
      waiting.push(...this.#tree.table.directoriesIn(id));
      await nextTurn();
    }
  }

  /** Whether the change is one from here, or was seen before. */
  async #isKnown(directory: Node, { path, entry }: ToldChange): Promise<boolean> {
    if (path === '/') return true;
    if (entry === undefined) return false;
    const node = await this.#nodeIn(directory, nameOf(path));
    if (entry === null) return node === undefined;
    // What we send replaces what we know: its answer tells more than this.
    if (node?.sending === true) return true;
    if (node === undefined || node.synced === null || node.kind !== entry.kind) return false;
    return entry.kind === 'directory' || isSameVersion(node.synced, entry);
  }

  async #directoryAt(path: string): Promise<Node | undefined> {
    if (path === '/') return this.#tree.root;
    if (this.#directories.has(path)) return this.#directories.get(path);
    let node: Node | undefined = this.#tree.root;
    for (const name of segmentsOf(path)) {
      node = await this.#nodeIn(node, name);
      if (node?.kind !== 'directory') {
        node = undefined;
        break;
      }
    }
    this.#directories.set(path, node);
    return node;
  }

  /** What the store is known to have under a name, wherever the user has moved it. */
  async #nodeIn(directory: Node, name: string): Promise<Node | undefined> {
    const shown = directory.children?.get(name);
    if (shown?.synced?.parent === directory.id && shown.synced.name === name) return shown;
    let names = this.#names.get(directory);
    if (names === undefined) this.#names.set(directory, (names = await this.#namesIn(directory)));
    const id = names.get(this.#folded(name));
    return id === undefined ? undefined : this.#tree.find(id);
  }

  #folded(name: string): string {
    return this.#caseSensitive ? name : name.toLowerCase();
  }

  async #namesIn({ id: directory }: Node): Promise<ReadonlyMap<string, number>> {
    const names = new Map<string, number>();
    for (let last = 0; ; await nextTurn()) {
      const rows = this.#tree.table.syncedNames(directory, last, namesAtOnce);
      for (const { id, name } of rows) names.set(this.#folded(name), id);
      if (rows.length < namesAtOnce) return names;
      last = rows.at(-1)?.id ?? last;
    }
  }
}
