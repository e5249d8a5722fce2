import { isLive } from './changes.ts';
import { withAttribute } from './extended-attributes.ts';
import { metadataNameOf, metadataTextOf, noteMetadata, wantedMode } from './file-metadata.ts';
import type { Node } from './node.ts';
import type { AttributePatch } from './node-tree.ts';
import type { Tree } from './tree.ts';

/** A mode without the type of the file (inode(7)). */
const allBits = 0o7777;

/** Changes of modes, owners, times and extended attributes, each committed, with what of them is to be sent. */
export class NodeAttributes {
  readonly #tree: Tree;
  readonly #fileMode: number;

  /** `fileMode`: permission bits of files of which the store tells none. */
  constructor(tree: Tree, fileMode: number) {
    this.#tree = tree;
    this.#fileMode = fileMode;
  }

  change(node: Node, changes: AttributePatch): void {
    const { mode } = node;
    node.mode = (changes.mode ?? mode) & allBits;
    node.uid = changes.uid ?? node.uid;
    node.gid = changes.gid ?? node.gid;
    node.modified = changes.modified ?? node.modified;
    node.readAt = changes.readAt ?? node.readAt;
    // Where nothing has told the store's mode, it may be another than the one that is shown.
    const isChanged = node.mode !== mode || (changes.mode !== undefined && node.synced?.metadata === undefined);
    if (isChanged) this.#note(node, 'mode', wantedMode(node.mode, this.#fileMode));
    this.#save(node);
  }

  /** Sets an extended attribute by its full name, or takes it away. Throws `QuotaExceeded` when all together become too large. */
  setExtended(node: Node, name: string, value: Uint8Array | undefined): void {
    node.attributes = withAttribute(node.attributes, name, value);
    const storedName = metadataNameOf(name);
    const text = value === undefined ? undefined : metadataTextOf(value);
    if (storedName !== undefined) this.#note(node, storedName, text ?? null);
    this.#save(node);
  }

  /** The store has metadata of files only; that of a new file goes with its content. */
  #note(node: Node, name: string, text: string | null): void {
    if (node.kind === 'directory' || node.link) return;
    noteMetadata(node, name, text, this.#fileMode);
    node.version++;
    node.dirtiedAt = Date.now();
  }

  #save(node: Node): void {
    node.changed = Date.now();
    if (node.kind === 'directory' || isLive(node)) this.#tree.save(node);
  }
}
