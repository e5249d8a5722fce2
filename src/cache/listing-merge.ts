import { nameOf } from '../store/path.ts';
import type { Entry } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { adoptMetadata } from './file-metadata.ts';
import { isStoredLink } from './link-names.ts';
import { type Node, rootNode } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import { seenAgain, type SeenAgainParts } from './seen-again.ts';
import { syncedAs } from './synced-entry.ts';
import type { Tree } from './tree.ts';
import { atOnce, nextTurn } from './turns.ts';
import type { UsualAttributes } from './usual-attributes.ts';
import { vanish } from './vanish.ts';

/** Rows of known names that are read at a time. */
const rowsAtOnce = 500;

/** How what the store lists appears in the tree, and who is told. */
export interface ListingMergeOptions extends UsualAttributes {
  readonly onChange: (change: TreeChange) => void;
}

/**
 * Brings a complete listing of a directory into the tree: what is new, what is another version, and at last what is gone.
 *
 * It is done in short pieces, each committed by itself, between which the event loop turns. Users and uploads change the tree
 * meanwhile, exactly as they may while the listing is on its way: names at the store that we change become `unreliable` and are
 * left alone, and every step looks at the tree as it is then. Nothing but numbers is kept from one piece to the next, since
 * nodes may be unloaded. Where it ends early, by a crash or because the directory went, the listing counts as never made.
 */
export class ListingMerge {
  readonly #tree: Tree;
  readonly #contents: ContentHolder;
  readonly #options: ListingMergeOptions;
  readonly #parts: SeenAgainParts;

  constructor(tree: Tree, contents: ContentHolder, options: ListingMergeOptions) {
    this.#tree = tree;
    this.#contents = contents;
    this.#options = options;
    this.#parts = { tree, contents, fileMode: options.fileMode };
  }

  /** `unreliable` grows while this runs. A listing of few names is merged in this turn. */
  async run(directory: Node, entries: readonly Entry[], unreliable: ReadonlySet<string>): Promise<void> {
    const isFirst = directory.listedAt === 0;
    const changes: TreeChange[] = [];
    const steps = this.#steps(directory.id, entries, unreliable, changes);
    for (;;) {
      const isDone = this.#tree.transaction(() => {
        for (let made = 0; made < atOnce; made++) if (steps.next().done === true) return true;
        return false;
      });
      // Of names that nobody could look up before there is nothing to tell.
      for (const change of changes.splice(0)) if (!isFirst || change.kind !== 'added') this.#options.onChange(change);
      if (isDone) return;
      await nextTurn();
    }
  }

  /** The whole work, step by step. */
  *#steps(
    id: number,
    entries: readonly Entry[],
    unreliable: ReadonlySet<string>,
    changes: TreeChange[],
  ): Generator<void, void> {
    const known = new Map<string, number>();
    for (const { id: number, name } of this.#knownNames(id)) {
      known.set(name, number);
      yield;
    }
    for (const entry of entries) {
      const directory = this.#stillThere(id);
      if (directory === undefined) return;
      const name = nameOf(entry.path);
      const number = known.get(name);
      known.delete(name);
      if (!unreliable.has(name)) this.#meet(directory, name, entry, number, changes);
      yield;
    }
    for (const [name, number] of known) {
      const directory = this.#stillThere(id);
      if (directory === undefined) return;
      const node = unreliable.has(name) ? undefined : this.#known(directory, name, number);
      if (node !== undefined) this.#vanished(node, changes);
      yield;
    }
    const directory = this.#stillThere(id);
    if (directory === undefined) return;
    directory.listedAt = Date.now();
    this.#tree.save(directory);
  }

  /** What the store was known to have, wherever the user has moved it. */
  *#knownNames(id: number): Generator<{ readonly id: number; readonly name: string }> {
    for (let last = 0; ; ) {
      const rows = this.#tree.table.syncedNames(id, last, rowsAtOnce);
      yield* rows;
      if (rows.length < rowsAtOnce) return;
      last = rows.at(-1)?.id ?? last;
    }
  }

  /** The directory, as long as the store is known to have it. */
  #stillThere(id: number): Node | undefined {
    const directory = this.#tree.find(id);
    return directory !== undefined && (id === rootNode || directory.synced !== null) ? directory : undefined;
  }

  /** The node that was known under a name, unless something became of it. */
  #known(directory: Node, name: string, number: number): Node | undefined {
    const node = this.#tree.find(number);
    return node?.synced?.parent === directory.id && node.synced.name === name ? node : undefined;
  }

  #meet(directory: Node, name: string, entry: Entry, number: number | undefined, changes: TreeChange[]): void {
    if (number === undefined) return this.#appeared(directory, name, entry, changes);
    const node = this.#known(directory, name, number);
    if (node === undefined) return;
    if (node.kind !== entry.kind) {
      this.#vanished(node, changes);
      this.#appeared(directory, name, entry, changes);
    } else if (entry.kind === 'file') {
      seenAgain(node, entry, this.#parts, changes);
    }
  }

  #appeared(directory: Node, name: string, entry: Entry, changes: TreeChange[]): void {
    if (!isLive(directory)) return;
    const standing = this.#tree.children(directory).get(name);
    if (standing !== undefined) {
      // Both sides made the directory: it is one. A file here that is not sent yet meets theirs when it is sent.
      if (standing.kind === 'directory' && entry.kind === 'directory' && standing.synced === null) {
        standing.synced = { parent: directory.id, name, size: 0, modified: entry.modified ?? 0 };
        // Long ago, but not never: names in it were looked up.
        standing.listedAt = 1;
        standing.version++;
        this.#tree.save(standing);
      }
      return;
    }
    const { fileMode, directoryMode, uid, gid } = this.#options;
    const node = this.#tree.add(directory, name, entry.kind, (made) => {
      made.size = entry.kind === 'file' ? entry.size : 0;
      made.modified = made.changed = entry.modified ?? Date.now();
      made.mode = entry.kind === 'file' ? fileMode : directoryMode;
      made.readAt = made.modified;
      made.uid = uid;
      made.gid = gid;
      made.link = entry.kind === 'file' && isStoredLink(name, entry.size);
      made.synced = syncedAs(directory.id, name, entry);
      adoptMetadata(made, made.synced.metadata, fileMode);
    });
    changes.push({ kind: 'added', node: node.id, directory: directory.id, name: node.shownName });
  }

  #vanished(node: Node, changes: TreeChange[]): void {
    if (!node.sending) vanish(node, this.#tree, this.#contents, changes);
  }
}
