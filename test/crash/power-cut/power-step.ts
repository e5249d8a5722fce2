import { pageBytes } from './volatile-content.ts';

/** One thing that the writer does. */
export interface PowerStep {
  /**
   * write: in a file that exists or is made, from page `page` on. resize: to `size`. replace: another file of `size` bytes is written, synced and
   * renamed. sync: of a file, without a change. directory: of the directory that holds all files.
   */
  readonly kind: 'write' | 'resize' | 'replace' | 'rename' | 'remove' | 'sync' | 'directory';
  readonly path: string;
  /** Where a rename goes. */
  readonly to: string;
  /** Different for every step. */
  readonly number: number;
  readonly page: number;
  /** Bytes. */
  readonly size: number;
  /** The file is synced before it is closed. */
  readonly synced: boolean;
}

/** What a step writes; no two steps have a page in common. */
export function bytesOf({ number, page, size }: PowerStep): Buffer {
  const bytes = Buffer.alloc(size, `${number} `);
  for (let at = 0; at + 8 <= size; at += 512) {
    bytes.writeUInt32LE(number, at);
    bytes.writeUInt32LE(page + Math.floor(at / pageBytes), at + 4);
  }
  return bytes;
}

/** Whether a step that was done made something durable. */
export function isSync({ kind, synced }: PowerStep): boolean {
  return kind === 'sync' || kind === 'directory' || kind === 'replace' || (kind === 'write' && synced);
}
