import { isLive } from './changes.ts';
import { metadataBytes } from '../store/metadata-rules.ts';
import { StoreError } from '../store/errors.ts';
import { type Attributes, withAttribute } from './extended-attributes.ts';
import {
  allMetadata,
  type MetadataCapabilities,
  metadataNameOf,
  metadataTextOf,
  noteMetadata,
  wantedMode,
} from './file-metadata.ts';
import type { Node } from './node.ts';
import type { AttributePatch, Ownership } from './node-tree.ts';
import type { Tree } from './tree.ts';
import type { UsualAttributes } from './usual-attributes.ts';

/** A mode without the type of the file (inode(7)). */
const allBits = 0o7777;
const permissionBits = 0o777;

/** How attributes are kept. */
export interface NodeAttributesOptions extends UsualAttributes {
  /** What the store cannot keep is refused. */
  readonly strict: boolean;
  /** Of the store, as it is known now. */
  readonly capabilities: () => MetadataCapabilities;
}

/** Changes of modes, owners, times and extended attributes, each committed, with what of them is to be sent. */
export class NodeAttributes {
  readonly #tree: Tree;
  readonly #options: NodeAttributesOptions;

  constructor(tree: Tree, options: NodeAttributesOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  /** Those of a new node, which is not saved. */
  begin(node: Node, { mode, uid, gid }: Ownership): void {
    node.modified = node.changed = node.readAt = Date.now();
    node.mode = this.#options.strict && !this.#isKept(node, mode) ? this.#usualMode(node) : mode;
    node.uid = uid;
    node.gid = gid;
  }

  /** Throws `Unsupported` for what is not kept by the store, where that is refused. */
  change(node: Node, changes: AttributePatch): void {
    if (this.#options.strict) this.#assertKept(node, changes);
    const { mode } = node;
    node.mode = (changes.mode ?? mode) & allBits;
    node.uid = changes.uid ?? node.uid;
    node.gid = changes.gid ?? node.gid;
    node.modified = changes.modified ?? node.modified;
    node.readAt = changes.readAt ?? node.readAt;
    // Where nothing has told the store's mode, it may be another than the one that is shown.
    const isChanged = node.mode !== mode || (changes.mode !== undefined && node.synced?.metadata === undefined);
    if (isChanged) this.#note(node, 'mode', wantedMode(node.mode, this.#options.fileMode));
    this.#save(node);
  }

  /** Sets an extended attribute by its full name, or takes it away. Throws `QuotaExceeded` when all together become too large, and as `change`. */
  setExtended(node: Node, name: string, value: Uint8Array | undefined): void {
    const attributes = withAttribute(node.attributes, name, value);
    if (this.#options.strict && value !== undefined) this.#assertAttributeKept(node, name, value, attributes);
    node.attributes = attributes;
    const storedName = metadataNameOf(name);
    const text = value === undefined ? undefined : metadataTextOf(value);
    if (storedName !== undefined) this.#note(node, storedName, text ?? null);
    this.#save(node);
  }

  /** The store has metadata of files only; that of a new file goes with its content. */
  #note(node: Node, name: string, text: string | null): void {
    if (node.kind === 'directory' || node.link) return;
    noteMetadata(node, name, text, this.#options.fileMode);
    node.version++;
    node.dirtiedAt = Date.now();
  }

  #assertKept(node: Node, { mode, uid = node.uid, gid = node.gid }: AttributePatch): void {
    if (uid !== node.uid || gid !== node.gid) throw this.#unsupported(node, 'owners');
    if (mode !== undefined && !this.#isKept(node, mode & allBits))
      throw this.#unsupported(node, `the mode ${mode.toString(8)}`);
  }

  #assertAttributeKept(node: Node, name: string, value: Uint8Array, attributes: Attributes | null): void {
    const { metadata, maxMetadataBytes } = this.#options.capabilities();
    const isText = metadataNameOf(name) !== undefined && metadataTextOf(value) !== undefined;
    if (node.kind === 'directory' || metadata !== 'any' || !isText)
      throw this.#unsupported(node, `the attribute ${name}`);
    const all = allMetadata({ mode: node.mode, attributes }, this.#options.fileMode);
    if (metadataBytes(all) > maxMetadataBytes)
      throw new StoreError('QuotaExceeded', {
        message: `the store takes ${maxMetadataBytes} bytes of attributes at most`,
      });
  }

  /** Whether the store keeps a mode: the usual one needs no keeping. */
  #isKept(node: Node, mode: number): boolean {
    if (node.link || mode === this.#usualMode(node)) return true;
    return node.kind === 'file' && (mode & ~permissionBits) === 0 && this.#options.capabilities().metadata !== 'none';
  }

  #usualMode({ kind }: Node): number {
    return kind === 'file' ? this.#options.fileMode : this.#options.directoryMode;
  }

  #unsupported(node: Node, what: string): StoreError {
    return new StoreError('Unsupported', { path: this.#tree.pathOf(node), message: `the store does not keep ${what}` });
  }

  #save(node: Node): void {
    node.changed = Date.now();
    if (node.kind === 'directory' || isLive(node)) this.#tree.save(node);
  }
}
