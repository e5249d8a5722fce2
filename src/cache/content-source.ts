import { open } from 'node:fs/promises';
import type { Source } from '../store/store.ts';
import { bytesSource } from '../store/source.ts';
import type { Contents } from './contents.ts';
import type { Node } from './node.ts';

/** Files up to this size are sent from a copy in memory: changing them does not disturb the upload. */
const snapshotBytes = 1 << 20;
const blockBytes = 1 << 20;

/** The content of a node, which must be whole, as it is now: torn never, and an error as soon as the file changes. */
export function contentSource(node: Node, contents: Contents): Source {
  if (node.size > snapshotBytes)
    return new GuardedSource(node, contents.pathOf(node.content), node.contentVersion, 0, node.size);
  if (node.content === 0 || node.size === 0) return bytesSource(new Uint8Array(0));
  const bytes = new Uint8Array(node.size);
  contents.acquire(node.content);
  try {
    contents.read(node.content, bytes, 0);
  } finally {
    contents.release(node.content);
  }
  return bytesSource(bytes);
}

/** The file changed while it was read; what was read so far belongs to no version. */
export class ContentChanged extends Error {
  constructor() {
    super('the file changed while it was sent');
    this.name = 'ContentChanged';
  }
}

/** A large file, read block by block; each block is handed on only if the file is still the version that was begun with. */
class GuardedSource implements Source {
  readonly size: number;
  readonly #node: Node;
  readonly #path: string;
  readonly #version: number;
  readonly #start: number;

  constructor(node: Node, path: string, version: number, start: number, end: number) {
    this.#node = node;
    this.#path = path;
    this.#version = version;
    this.#start = start;
    this.size = Math.max(0, end - start);
  }

  slice(start: number, end: number): Source {
    const to = Math.min(end, this.size);
    return new GuardedSource(
      this.#node,
      this.#path,
      this.#version,
      this.#start + Math.min(start, to),
      this.#start + to,
    );
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const file = await open(this.#path);
    try {
      for (let at = 0; at < this.size; ) {
        const block = new Uint8Array(Math.min(blockBytes, this.size - at));
        const { bytesRead } = await file.read(block, 0, block.length, this.#start + at);
        if (bytesRead === 0 || this.#node.contentVersion !== this.#version) throw new ContentChanged();
        yield block.subarray(0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }
}
