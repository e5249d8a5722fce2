import { createHash } from 'node:crypto';

/** A file or a collection of the fake. */
export interface DavNode {
  /** A file's content; a collection has none. */
  bytes: Buffer | undefined;
  etag: string;
  /** Milliseconds, whole seconds. */
  modified: number;
  /** The one dead property, as XML text; a PUT leaves it. */
  property?: string | undefined;
  /** What the client told with its content. */
  checksum?: string | undefined;
}

/** The resources of the fake by their decoded paths, which have a slash at the beginning and none at the end; the root is empty. */
export class DavTree {
  readonly nodes: Map<string, DavNode> = new Map([['', collection()]]);
  #versions = 0;

  /** Removes everything but the root. */
  clear(): void {
    this.nodes.clear();
    this.makeCollection('');
  }

  isCollection(path: string): boolean {
    const node = this.nodes.get(path);
    return node !== undefined && node.bytes === undefined;
  }

  makeCollection(path: string): void {
    this.nodes.set(path, collection());
  }

  put(path: string, bytes: Buffer, modified: number = Date.now(), checksum?: string): DavNode {
    const etag = `"${createHash('md5')
      .update(`${++this.#versions}`)
      .digest('hex')}"`;
    const { property } = this.nodes.get(path) ?? {};
    const node = { bytes, etag, modified: Math.floor(modified / 1000) * 1000, property, checksum };
    this.nodes.set(path, node);
    return node;
  }

  /** The paths inside a collection: its own entries, or all below. */
  below(path: string, isDeep: boolean): string[] {
    return [...this.nodes.keys()].filter((other) => {
      if (!other.startsWith(`${path}/`)) return false;
      return isDeep || !other.slice(path.length + 1).includes('/');
    });
  }

  remove(path: string): void {
    for (const other of [path, ...this.below(path, true)]) this.nodes.delete(other);
  }

  /** Like MOVE and COPY, what is at `to` is removed before. */
  relocate(from: string, to: string, isMove: boolean): void {
    const moved = [from, ...this.below(from, true)].map((path) => [path, this.nodes.get(path)] as const);
    this.remove(to);
    if (isMove) this.remove(from);
    for (const [path, node] of moved) if (node !== undefined) this.nodes.set(to + path.slice(from.length), { ...node });
  }
}

function collection(): DavNode {
  return { bytes: undefined, etag: '', modified: Math.floor(Date.now() / 1000) * 1000 };
}
