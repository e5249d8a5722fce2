import type { StoreErrorCode } from '../../src/store/errors.ts';
import { childOf } from '../../src/store/path.ts';
import type { Metadata } from '../../src/store/store.ts';

/** What a node is to its users. */
export type Kind = 'file' | 'directory' | 'link';

/** A file, directory or symbolic link as it should be. */
export class OracleNode {
  readonly kind: Kind;
  parent: OracleNode | null;
  name: string;
  bytes: Uint8Array = new Uint8Array(0);
  /** Files: permission bits. */
  mode = 0o644;
  /** Extended attributes by their full names. */
  attributes: Map<string, string> = new Map();
  readonly children: Map<string, OracleNode> = new Map();
  /** The cache's number for it, once it was seen; it never changes. */
  id: number | undefined;

  constructor(kind: Kind, parent: OracleNode | null, name: string) {
    this.kind = kind;
    this.parent = parent;
    this.name = name;
  }

  get path(): string {
    return this.parent === null ? '/' : childOf(this.parent.path, this.name);
  }

  /** Where the store has it: a link's name has a suffix there. */
  get storedPath(): string {
    if (this.parent === null) return '/';
    return childOf(this.parent.path, this.kind === 'link' ? `${this.name}.rclonelink` : this.name);
  }

  /** What a store that keeps any metadata is to have: a usual mode is not there, nor an attribute whose name is none. */
  get metadata(): Metadata {
    const mode = this.mode === 0o644 ? {} : { mode: (0o100000 | this.mode).toString(8) };
    const texts = [...this.attributes].map(([name, text]) => [name.slice('user.'.length), text] as const);
    return { ...mode, ...Object.fromEntries(texts.filter(([name]) => isStoredName(name))) };
  }

  set metadata({ mode, ...texts }: Metadata) {
    this.mode = mode === undefined ? 0o644 : Number.parseInt(mode, 8) & 0o777;
    const kept = [...this.attributes].filter(([name]) => !isStoredName(name.slice('user.'.length)));
    this.attributes = new Map([
      ...kept,
      ...Object.entries(texts).map(([name, text]) => [`user.${name}`, text] as const),
    ]);
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
    if (isOtherKind(node.kind, kind)) return kind === 'directory' ? 'NotADirectory' : 'IsADirectory';
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
    if (standing !== undefined && isOtherKind(standing.kind, node.kind))
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
    return new Map(all.map((node) => [node.storedPath, node.kind === 'directory' ? null : node.bytes]));
  }
}

/** Where a file is expected a link will do, and the other way round. */
function isOtherKind(one: Kind, other: Kind): boolean {
  return (one === 'directory') !== (other === 'directory');
}

function isStoredName(name: string): boolean {
  return name === name.toLowerCase();
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
