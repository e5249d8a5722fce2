import { StoreError } from '../store/errors.ts';
import type { Source, WriteOptions } from '../store/store.ts';
import { untilAborted } from '../layers/until-aborted.ts';
import { exactStream } from '../store/exact-stream.ts';
import { assertName } from './node-name.ts';
import type { Node } from './node.ts';
import type { CachedStoreParts } from './cached-store-parts.ts';

/** A complete data file that no node has yet. */
export interface LooseContent {
  readonly content: number;
  readonly size: number;
}

/** Where a content is to be. */
export interface Place {
  readonly directory: Node;
  readonly name: string;
  /** The file that is there. */
  readonly standing: Node | undefined;
}

/** What a content is given with it. */
export type NewVersion = Pick<WriteOptions, 'modified' | 'metadata'>;

/** Writes whole files: the bytes go into a data file of their own first, which then takes its place in one commit. */
export class ContentWriter {
  readonly #parts: CachedStoreParts;

  constructor(parts: CachedStoreParts) {
    this.#parts = parts;
  }

  /** Reads all of `source`, which must be as long as it says. */
  async fill(source: Source, path: string, signal?: AbortSignal): Promise<LooseContent> {
    const { contents, room } = this.#parts.holder;
    const content = contents.create(0);
    let size = 0;
    contents.acquire(content);
    try {
      for await (const chunk of exactStream(source, { operation: 'write', path, signal })) {
        const taken = room.take(chunk.length, { signal });
        if (taken !== undefined) await taken;
        size += chunk.length;
        contents.write(content, chunk, size - chunk.length);
      }
      return { content, size };
    } catch (error) {
      this.discard({ content, size });
      throw error;
    } finally {
      contents.release(content);
    }
  }

  /** A copy of a node's content, which is whole. */
  async duplicate(node: Node, signal?: AbortSignal): Promise<LooseContent> {
    const { room } = this.#parts.holder;
    const { size } = node;
    // Who has it open keeps it from being evicted while there is a wait for room.
    node.opens++;
    let taken = 0;
    try {
      await room.take(size, { signal });
      taken = size;
      // It may have been evicted since it was fetched for this copy.
      await untilAborted(this.#parts.fetcher.complete(node), signal);
      if (node.size !== size || node.present !== null) throw changedMeanwhile();
      return { content: this.#copyOf(node), size };
    } catch (error) {
      room.give(taken);
      throw error;
    } finally {
      node.opens--;
      this.#parts.holder.settle(node);
    }
  }

  #copyOf(node: Node): number {
    const { contents, direct } = this.#parts.holder;
    if (node.size === 0) return contents.create(0);
    direct.look(node);
    const { contentVersion } = node;
    const copy = this.#duplicateOf(node);
    direct.look(node);
    if (node.contentVersion === contentVersion) return copy;
    contents.remove(copy);
    throw changedMeanwhile();
  }

  #duplicateOf(node: Node): number {
    const { content } = node;
    try {
      return this.#parts.holder.contents.duplicate(content);
    } catch (error) {
      this.#parts.quarantine.refuse(node, content, error);
      throw changedMeanwhile();
    }
  }

  /** Makes the content that of what stands at a place, or of a new file. Throws `InvalidPath` for a name that the store does not take. */
  put({ content, size }: LooseContent, { directory, name, standing }: Place, version: NewVersion): Node {
    const { tree, holder, usual, cacheTree, metadata, refusedNames } = this.#parts;
    assertName(name, refusedNames());
    const fill = (node: Node): void => {
      node.contentDirty = true;
      node.modified = version.modified ?? Date.now();
      node.changed = Date.now();
      metadata.begin(node, version.metadata);
    };
    const isHeld = standing !== undefined && holder.direct.isHeld(standing);
    if (standing === undefined || isHeld) {
      const { mode, uid, gid } = standing ?? { mode: usual.fileMode, uid: usual.uid, gid: usual.gid };
      return tree.transaction(() => {
        // Who has the old content open directly keeps it, as if the new file had been renamed onto it.
        if (standing !== undefined) cacheTree.discard(standing);
        return tree.add(directory, name, 'file', (node) => {
          Object.assign(node, { content, size, mode, uid, gid });
          fill(node);
        });
      });
    }
    standing.cancelUpload?.();
    holder.replace(standing, content, size, () => {
      fill(standing);
      standing.version++;
      standing.dirtiedAt = Date.now();
      tree.save(standing);
    });
    return standing;
  }

  /** Gives up a content that took no place. */
  discard({ content, size }: LooseContent): void {
    this.#parts.holder.contents.remove(content);
    this.#parts.holder.room.give(size);
  }
}

function changedMeanwhile(): StoreError {
  return new StoreError('Unavailable', { operation: 'copy', message: 'the file was changed while it was copied' });
}
