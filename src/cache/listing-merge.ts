import { nameOf } from '../store/path.ts';
import type { Entry, FileEntry } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { adoptMetadata } from './file-metadata.ts';
import { isStoredLink } from './link-names.ts';
import { type Node, rootNode } from './node.ts';
import { flawOfName } from './node-name.ts';
import type { TreeChange } from './node-tree.ts';
import { seenAgain, type SeenAgainParts } from './seen-again.ts';
import { isSameVersion, syncedAs } from './synced-entry.ts';
import type { Tree } from './tree.ts';
import { atOnce, nextTurn } from './turns.ts';
import type { UsualAttributes } from './usual-attributes.ts';
import { vanish } from './vanish.ts';

/** Rows of known names that are read at a time. */
const rowsAtOnce = 500;

/** How what the store lists appears in the tree, and who is told. */
export interface ListingMergeOptions extends UsualAttributes {
  readonly onChange: (change: TreeChange) => void;
  /** Told of a name in a directory that cannot be shown, and why. */
  readonly onUnfitName: (directory: string, name: string, flaw: string) => void;
}

/** What a listing is brought into. */
export interface ListingMergeParts {
  readonly tree: Tree;
  readonly contents: ContentHolder;
  readonly options: ListingMergeOptions;
}

/**
 * Brings one listing of a directory into the tree: what is new, what is another version, and at last, when all has come, what is
 * gone. What has a name that no file can have is left out and told, and hides nothing else.
 *
 * It is done in short pieces, each committed by itself, between which the event loop turns. Users and uploads change the tree
 * meanwhile, exactly as they may while the listing is on its way: names at the store that we change become `unreliable` and are
 * left alone, and every step looks at the tree as it is then. Nothing but numbers is kept from one piece to the next, since
 * nodes may be unloaded. Where it ends early, by a crash or a failure or because the directory went, the listing counts as never
 * made: what it told is true, what it did not tell is open.
 */
export class ListingMerge {
  readonly #parts: ListingMergeParts;
  readonly #seenAgainParts: SeenAgainParts;
  readonly #tree: Tree;
  readonly #id: number;
  readonly #unreliable: ReadonlySet<string>;
  readonly #isFirst: boolean;
  #isUnsure = false;
  /** What the store was known to have and did not tell of yet. */
  readonly #known = new Map<string, number>();

  /** `unreliable` grows while this is in use. */
  constructor(parts: ListingMergeParts, directory: Node, unreliable: ReadonlySet<string>) {
    const { tree, contents, options } = parts;
    this.#parts = parts;
    this.#seenAgainParts = { tree, contents, fileMode: options.fileMode };
    this.#tree = tree;
    this.#id = directory.id;
    this.#unreliable = unreliable;
    this.#isFirst = directory.listedAt === 0;
  }

  /** Whether a name was met of which only a look tells whether it is a file. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** To be done before anything is met: reads what the store was known to have. */
  async begin(): Promise<void> {
    const directory = this.#stillThere();
    if (this.#isFirst && directory !== undefined) await this.#tree.load(directory);
    let read = 0;
    for (const { id, name } of this.#knownNames()) {
      this.#known.set(name, id);
      if (++read % rowsAtOnce === 0) await nextTurn();
    }
  }

  /** Takes in what came, few enough for one turn. Answers what the directory shows because of a first listing. */
  meet(entries: readonly Entry[]): Node[] {
    const shown: Node[] = [];
    this.#commit((changes) => {
      for (const entry of entries) {
        const directory = this.#stillThere();
        if (directory === undefined) return;
        const name = nameOf(entry.path);
        const flaw = flawOfName(name);
        if (flaw !== undefined) {
          this.#parts.options.onUnfitName(this.#tree.pathOf(directory), name, flaw);
          continue;
        }
        const number = this.#known.get(name);
        this.#known.delete(name);
        if (this.#unreliable.has(name)) continue;
        this.#meet(directory, name, entry, number, changes);
        const node = this.#isFirst ? this.#tree.children(directory).get(name) : undefined;
        if (node !== undefined) shown.push(node);
      }
    });
    return shown;
  }

  /** All has come: what was not told of is gone, and the directory is known. */
  async end(): Promise<void> {
    const gone = [...this.#known];
    for (let from = 0; from < gone.length; from += atOnce) {
      if (from > 0) await nextTurn();
      this.#commit((changes) => {
        for (const [name, number] of gone.slice(from, from + atOnce)) this.#miss(name, number, changes);
      });
    }
    const directory = this.#stillThere();
    if (directory === undefined) return;
    directory.listedAt = Date.now();
    this.#tree.save(directory);
  }

  /** Does a piece of work as one commit, then tells of it. */
  #commit(work: (changes: TreeChange[]) => void): void {
    const changes: TreeChange[] = [];
    this.#tree.transaction(() => work(changes));
    const { onChange } = this.#parts.options;
    // Of names that nobody could look up before there is nothing to tell.
    for (const change of changes) if (!this.#isFirst || change.kind !== 'added') onChange(change);
  }

  /** What the store was known to have, wherever the user has moved it. */
  *#knownNames(): Generator<{ readonly id: number; readonly name: string }> {
    for (let last = 0; ; ) {
      const rows = this.#tree.table.syncedNames(this.#id, last, rowsAtOnce);
      yield* rows;
      if (rows.length < rowsAtOnce) return;
      last = rows.at(-1)?.id ?? last;
    }
  }

  /** The directory, as long as the store is known to have it. */
  #stillThere(): Node | undefined {
    const directory = this.#tree.find(this.#id);
    return directory !== undefined && (this.#id === rootNode || directory.synced !== null) ? directory : undefined;
  }

  /** The node that was known under a name, unless something became of it. */
  #nodeKnownAs(directory: Node, name: string, number: number): Node | undefined {
    const node = this.#tree.find(number);
    return node?.synced?.parent === directory.id && node.synced.name === name ? node : undefined;
  }

  #meet(directory: Node, name: string, entry: Entry, number: number | undefined, changes: TreeChange[]): void {
    const isUnsure = entry.kind === 'file' && entry.unsure === true;
    const node = number === undefined ? undefined : this.#nodeKnownAs(directory, name, number);
    if (isUnsure && !isSettled(node, entry)) this.#isUnsure = true;
    if (number === undefined) return this.#appeared(directory, name, entry, changes);
    // What is known as a directory stays one until somebody has looked.
    if (node === undefined || (isUnsure && node.kind === 'directory')) return;
    if (node.kind !== entry.kind) {
      this.#vanished(node, changes);
      this.#appeared(directory, name, entry, changes);
    } else if (entry.kind === 'file') {
      seenAgain(node, entry, this.#seenAgainParts, changes);
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
    const { fileMode, directoryMode, uid, gid } = this.#parts.options;
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

  #miss(name: string, number: number, changes: TreeChange[]): void {
    const directory = this.#stillThere();
    const node =
      directory === undefined || this.#unreliable.has(name) ? undefined : this.#nodeKnownAs(directory, name, number);
    if (node !== undefined) this.#vanished(node, changes);
  }

  #vanished(node: Node, changes: TreeChange[]): void {
    if (!node.sending) vanish(node, this.#tree, this.#parts.contents, changes);
  }
}

/** Whether a file was looked at in this very version. */
function isSettled(node: Node | undefined, entry: FileEntry): boolean {
  const synced = node?.kind === 'file' ? node.synced : null;
  return synced !== null && synced.unsure === undefined && isSameVersion(synced, entry);
}
