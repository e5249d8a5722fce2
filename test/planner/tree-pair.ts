import type { Difference } from '../../src/cache/operation.ts';
import { childOf } from '../../src/store/path.ts';
import type { Held } from './strict-store.ts';

/** The root's number; it is in no list of nodes. */
export const root = 0;

/** A node as the cache keeps it. A file's `version` is what the user sees, `synced.version` what the store holds. */
export interface PairNode extends Difference {
  parent: number | null;
  name: string;
  synced: { parent: number; name: string; version: number } | null;
  sent: { parent: number; name: string; version: number } | null;
  contentDirty: boolean;
  /** Files: the mode that the user sees; another one each time it is changed. */
  mode: number;
  metadataDirty: boolean;
  /** Grows as `version` does. */
  contentVersion: number;
  version: number;
}

/**
 * The user's tree and what the store is known to hold, node by node: the changing methods do to the fields what the cache's
 * `Tree` does, and answer false where rename(2) and its like refuse.
 */
export class TreePair {
  readonly nodes: Map<number, PairNode> = new Map();
  #last: number = root;

  parentOf(id: number): number | null {
    return this.nodes.get(id)?.parent ?? null;
  }

  children(directory: number): PairNode[] {
    return [...this.nodes.values()].filter(({ parent }) => parent === directory);
  }

  child(directory: number, name: string): PairNode | undefined {
    return this.children(directory).find((node) => node.name === name);
  }

  live(): PairNode[] {
    return [...this.nodes.values()].filter(({ parent }) => parent !== null);
  }

  directories(): number[] {
    return [root, ...this.live().flatMap(({ id, kind }) => (kind === 'directory' ? [id] : []))];
  }

  /** Whether `node` is `directory` or below it, as the user sees them. */
  isWithin(node: number, directory: number): boolean {
    for (let at: number | null = node; at !== null; at = this.parentOf(at)) if (at === directory) return true;
    return false;
  }

  create(directory: number, name: string, kind: PairNode['kind']): boolean {
    if (this.child(directory, name) !== undefined) return false;
    const id = ++this.#last;
    this.nodes.set(id, newNode(id, kind, directory, name));
    return true;
  }

  edit(node: PairNode): void {
    node.version = node.contentVersion = ++this.#last;
    node.contentDirty = true;
  }

  /** What the store does not have yet gets its mode with the content. */
  changeMode(node: PairNode): void {
    node.mode = ++this.#last;
    node.metadataDirty = node.synced !== null;
  }

  remove(node: PairNode): boolean {
    if (this.children(node.id).length > 0) return false;
    node.parent = null;
    this.forgetIfGone(node);
    return true;
  }

  /** What neither the user nor the store has is no node any more. */
  forgetIfGone(node: PairNode): void {
    if (node.parent === null && node.synced === null && node.sent === null) this.nodes.delete(node.id);
  }

  removeTree(node: PairNode): void {
    for (const child of this.children(node.id)) this.removeTree(child);
    this.remove(node);
  }

  rename(node: PairNode, directory: number, name: string): boolean {
    const standing = this.child(directory, name);
    if (standing === node || this.isWithin(directory, node.id)) return false;
    if (standing !== undefined && (standing.kind !== node.kind || !this.remove(standing))) return false;
    node.parent = directory;
    node.name = name;
    return true;
  }

  exchange(one: PairNode, other: PairNode): boolean {
    if (this.isWithin(one.id, other.id) || this.isWithin(other.id, one.id)) return false;
    [one.parent, other.parent] = [other.parent, one.parent];
    [one.name, other.name] = [other.name, one.name];
    return true;
  }

  /** The store holds exactly what the user sees. */
  settle(): void {
    for (const node of this.nodes.values()) {
      if (node.parent === null) this.nodes.delete(node.id);
      else node.synced = { parent: node.parent, name: node.name, version: node.version };
      node.contentDirty = node.metadataDirty = false;
    }
  }

  /** What the cache hands to the planner. */
  differences(): PairNode[] {
    return [...this.nodes.values()].filter(
      ({ parent, name, synced, sent, contentDirty, metadataDirty }) =>
        parent === null ||
        synced?.parent !== parent ||
        synced.name !== name ||
        contentDirty ||
        metadataDirty ||
        sent !== null,
    );
  }

  /** A copy that can be changed on its own. */
  clone(): TreePair {
    const copy = new TreePair();
    copy.#last = this.#last;
    for (const [id, node] of this.nodes) copy.nodes.set(id, { ...node });
    return copy;
  }

  /** Where a position is at the store. */
  storePath({ parent, name }: { readonly parent: number; readonly name: string }): string {
    return childOf(this.syncedPath(parent), name);
  }

  syncedPath(id: number): string {
    if (id === root) return '/';
    const synced = this.nodes.get(id)?.synced;
    if (synced === undefined || synced === null) throw new Error(`node ${id} is not at the store`);
    return this.storePath(synced);
  }

  localPath(id: number): string {
    if (id === root) return '/';
    const node = this.nodes.get(id);
    if (node === undefined || node.parent === null) throw new Error(`node ${id} is gone`);
    return childOf(this.localPath(node.parent), node.name);
  }

  /** What a store would hold that equals the user's tree. */
  wanted(): Map<string, Held> {
    return new Map(this.live().map((node) => [this.localPath(node.id), held(node, node.version)]));
  }

  /** What the store is known to hold. */
  known(): Map<string, Held> {
    const synced = [...this.nodes.values()].filter((node) => node.synced !== null);
    return new Map(synced.map((node) => [this.syncedPath(node.id), held(node, node.synced?.version ?? 0)]));
  }
}

function held({ kind, mode }: PairNode, version: number): Held {
  return { kind, version, mode };
}

/** A node that only the user has. */
export function newNode(id: number, kind: PairNode['kind'], parent: number, name: string): PairNode {
  return {
    id,
    kind,
    parent,
    name,
    synced: null,
    sent: null,
    contentDirty: kind === 'file',
    mode: 0,
    metadataDirty: false,
    contentVersion: id,
    version: id,
  };
}
