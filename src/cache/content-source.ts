import { open } from 'node:fs/promises';
import type { Source } from '../store/store.ts';
import { bytesSource } from '../store/source.ts';
import type { ContentHolder } from './content-holder.ts';
import type { Contents } from './contents.ts';
import type { DirectFiles } from './direct-files.ts';
import type { Node } from './node.ts';

/** Files up to this size are sent from a copy in memory: changing them does not disturb the upload. */
const snapshotBytes = 1 << 20;
const blockBytes = 1 << 20;
/** Of a content that is not whole, so much is fetched in advance of what is sent. */
const aheadBytes = 8 << 20;

/** Options of `contentSource`. */
export interface ContentSourceOptions {
  /** While the content is read, this can be called with use: as long as bytes are missing, the store cannot have taken the file. */
  readonly cancel?: (() => void) | undefined;
  /** Resolves when a range is here, of a content that is not whole; it is read up to `ahead`. @default only what is here is read */
  readonly bring?: ((start: number, end: number, ahead: number) => Promise<void>) | undefined;
  /** Told what the disk said when it did not give the bytes back; the stream throws it too. */
  readonly onUnreadable?: ((error: unknown) => void) | undefined;
}

/** The content of a node as it is now: torn never, and an error as soon as the file changes. */
export function contentSource(
  node: Node,
  { contents, direct }: ContentHolder,
  options: ContentSourceOptions = {},
): Source {
  const isWatched = node.size > snapshotBytes || node.direct !== null || node.present !== null;
  if (isWatched) return new GuardedSource(watchedContent(node, contents, direct, options), 0, node.size);
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

/** One version of a large file while it is sent. */
interface WatchedContent {
  readonly path: string;
  readonly isCurrent: () => boolean;
  readonly bring: (start: number, end: number, ahead: number) => Promise<void>;
  /** Notes bytes that were handed on. */
  readonly sent: (bytes: number) => void;
  readonly onUnreadable: (error: unknown) => void;
}

function watchedContent(
  node: Node,
  contents: Contents,
  direct: DirectFiles,
  { cancel, bring, onUnreadable = () => undefined }: ContentSourceOptions,
): WatchedContent {
  const { contentVersion, size } = node;
  let left = size;
  const progress = { since: Date.now(), bytes: 0 };
  if (cancel !== undefined) node.progress = progress;
  if (cancel !== undefined) node.cancelUpload = cancel;
  return {
    onUnreadable,
    path: contents.fileOf(node.content),
    isCurrent: () => {
      direct.look(node);
      return node.contentVersion === contentVersion;
    },
    bring: async (start, end, ahead) => {
      const isHere = (): boolean => node.present?.covers(start, end) ?? true;
      if (bring === undefined || isHere()) return;
      await bring(start, end, Math.min(ahead, end + aheadBytes));
      if (!isHere()) throw new ContentChanged();
    },
    sent: (bytes) => {
      left -= bytes;
      progress.bytes += bytes;
      // From here on the store may have it whole: only its answer tells, so the upload must run to its end.
      if (left <= 0) node.cancelUpload = undefined;
    },
  };
}

/** A large file, read block by block; each block is handed on only if the file is still the version that was begun with. */
class GuardedSource implements Source {
  readonly size: number;
  readonly #content: WatchedContent;
  readonly #start: number;

  constructor(content: WatchedContent, start: number, end: number) {
    this.#content = content;
    this.#start = start;
    this.size = Math.max(0, end - start);
  }

  slice(start: number, end: number): Source {
    const to = Math.min(end, this.size);
    return new GuardedSource(this.#content, this.#start + Math.min(start, to), this.#start + to);
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const file = await this.#fromDisk(() => open(this.#content.path));
    try {
      for (let at = 0; at < this.size; ) {
        const block = Buffer.allocUnsafeSlow(Math.min(blockBytes, this.size - at));
        const start = this.#start + at;
        await this.#content.bring(start, start + block.length, this.#start + this.size);
        const { bytesRead } = await this.#fromDisk(() => file.read(block, 0, block.length, start));
        if (bytesRead === 0 || !this.#content.isCurrent()) throw new ContentChanged();
        this.#content.sent(bytesRead);
        yield block.subarray(0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  async #fromDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#content.onUnreadable(error);
      throw error;
    }
  }
}
