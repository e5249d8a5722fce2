import type { Interest } from './arrival.ts';
import { isDirty, isLive } from './changes.ts';
import { DirectoryWalk } from './directory-walk.ts';
import type { Fetcher } from './fetcher.ts';
import type { Node } from './node.ts';
import type { Room } from './room.ts';
import type { Tree } from './tree.ts';

/** So many directories are walked through at a time. */
const walksAtOnce = 4;
/** Only files up to this size are fetched in advance: of larger ones the first bytes come soon enough. */
const smallBytes = 256 << 10;

/**
 * Fetches small files of a directory before they are opened, when several were opened one after the other: otherwise each of
 * them takes a round trip, which is all that a small file costs. It never evicts anything for a guess, and stops guessing where
 * files are not opened after all.
 */
export class Neighbours {
  readonly #tree: Tree;
  readonly #fetcher: Fetcher;
  readonly #room: Room;
  /** The one walked through last at the end. */
  readonly #walks = new Map<number, DirectoryWalk>();

  constructor(tree: Tree, fetcher: Fetcher, room: Room) {
    this.#tree = tree;
    this.#fetcher = fetcher;
    this.#room = room;
  }

  /** A file was opened for reading. */
  opened(node: Node): void {
    if (node.parent === null) return;
    const walk = this.#walks.get(node.parent) ?? this.#begin(node);
    if (walk === undefined) return;
    const { interest } = walk;
    const found = walk.opened(node.id);
    if (found !== 'goes on') this.#fetcher.abandon(interest);
    this.#walks.delete(node.parent);
    if (found === 'unknown') return;
    this.#walks.set(node.parent, walk);
    this.#fetch(walk);
  }

  #fetch(walk: DirectoryWalk): void {
    let planned = 0;
    const files = walk.next((file) => {
      const size = this.#sizeOf(file);
      if (size === undefined || !this.#room.fits(planned + size)) return undefined;
      planned += size;
      return size;
    });
    for (const file of files) this.#prefetch(file, walk.interest);
  }

  #prefetch(file: number, interest: Interest): void {
    const node = this.#tree.find(file);
    if (node !== undefined) this.#fetcher.prefetch(node, 0, node.size, interest);
  }

  /** Bytes that must be fetched for a file; undefined where it is not worth it, or here. */
  #sizeOf(file: number): number | undefined {
    const node = this.#tree.find(file);
    return node !== undefined && isColdAndSmall(node) ? node.size : undefined;
  }

  /** A walk begins where something must be fetched, in a directory that is in memory. */
  #begin(node: Node): DirectoryWalk | undefined {
    const directory = node.parent === null ? undefined : this.#tree.find(node.parent);
    if (!isColdAndSmall(node) || !directory?.children) return undefined;
    if (this.#walks.size >= walksAtOnce) this.#endEldest();
    return new DirectoryWalk(Array.from(directory.children.values(), ({ id }) => id));
  }

  #endEldest(): void {
    for (const [directory, { interest }] of this.#walks) {
      this.#walks.delete(directory);
      this.#fetcher.abandon(interest);
      return;
    }
  }
}

function isColdAndSmall(node: Node): boolean {
  const isCold = node.kind === 'file' && node.content === 0 && node.synced !== null;
  return isCold && node.size > 0 && node.size <= smallBytes && isLive(node) && !isDirty(node);
}
