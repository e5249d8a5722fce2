import type { StoreErrorCode } from '../../src/store/errors.ts';
import { childOf } from '../../src/store/path.ts';

/** A file or directory as it should be. */
export class OracleNode {
  readonly kind: 'file' | 'directory';
  parent: OracleNode | null;
  name: string;
  bytes: Uint8Array = new Uint8Array(0);
  /** Files: permission bits. */
  mode = 0o644;
  readonly children: Map<string, OracleNode> = new Map();
  /** The cache's number for it, once it was seen; it never changes. */
  id: number | undefined;

  constructor(kind: 'file' | 'directory', parent: OracleNode | null, name: string) {
    this.kind = kind;
    this.parent = parent;
    this.name = name;
  }

  get path(): string {
    return this.parent === null ? '/' : childOf(this.parent.path, this.name);
  }

  /** It and all below it, parents first. */
  *all(): Generator<OracleNode> {
    yield this;
    for (const child of this.children.values()) yield* child.all();
  }

  isWithin(other: OracleNode): boolean {
    return this === other || (this.parent?.isWithin(other) ?? false);
  }
}

/** What a call should answer: nothing, or this failure. */
export type Expected = StoreErrorCode | undefined;

/** The simplest tree there is, with the rules of POSIX. Each method says what the cache should answer, and does it if that is a success. */
export class Oracle {
  readonly root: OracleNode = new OracleNode('directory', null, '');

  add(directory: OracleNode, name: string, kind: OracleNode['kind']): OracleNode | undefined {
    if (directory.children.has(name)) return undefined;
    const node = new OracleNode(kind, directory, name);
    directory.children.set(name, node);
    return node;
  }

  remove(node: OracleNode, kind: OracleNode['kind']): Expected {
    if (node.kind !== kind) return kind === 'file' ? 'IsADirectory' : 'NotADirectory';
    if (node.children.size > 0) return 'NotEmpty';
    this.detach(node);
    return undefined;
  }

  detach(node: OracleNode): void {
    node.parent?.children.delete(node.name);
    node.parent = null;
  }

  rename(node: OracleNode, directory: OracleNode, name: string, noReplace: boolean): Expected {
    const standing = directory.children.get(name);
    if (noReplace && standing !== undefined) return 'AlreadyExists';
    if (directory.isWithin(node)) return 'InvalidPath';
    if (standing === node) return undefined;
    if (standing !== undefined && standing.kind !== node.kind)
      return standing.kind === 'directory' ? 'IsADirectory' : 'NotADirectory';
    if (standing !== undefined && standing.children.size > 0) return 'NotEmpty';
    if (standing !== undefined) this.detach(standing);
    this.place(node, directory, name);
    return undefined;
  }

  exchange(one: OracleNode, other: OracleNode): Expected {
    if (one === other) return undefined;
    if (one.isWithin(other) || other.isWithin(one)) return 'InvalidPath';
    const [place, otherPlace] = [one, other].map(({ parent, name }) => ({ parent: parent as OracleNode, name }));
    if (place === undefined || otherPlace === undefined) return undefined;
    this.detach(one);
    this.place(other, place.parent, place.name);
    this.place(one, otherPlace.parent, otherPlace.name);
    return undefined;
  }

  place(node: OracleNode, directory: OracleNode, name: string): void {
    this.detach(node);
    node.parent = directory;
    node.name = name;
    directory.children.set(name, node);
  }

  /** Every path with its bytes, or null for a directory. */
  contents(): Map<string, Uint8Array | null> {
    const all = [...this.root.all()].filter((node) => node !== this.root);
    return new Map(all.map((node) => [node.path, node.kind === 'file' ? node.bytes : null]));
  }
}

/** `bytes` after `data` was written at `offset`; what lies between is zeros. */
export function written(bytes: Uint8Array, offset: number, data: Uint8Array): Uint8Array {
  const result = resized(bytes, Math.max(bytes.length, offset + data.length));
  result.set(data, offset);
  return result;
}

/** `bytes` cut, or lengthened with zeros; always a copy. */
export function resized(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size);
  result.set(bytes.subarray(0, size));
  return result;
}
