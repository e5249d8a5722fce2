import { randomBytes } from 'node:crypto';
import type { FakeAnswer, FakeRequest } from '../google-storage/fake-request.ts';
import { driveFault } from './drive-fault.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

const quantum = 256 << 10;

/**
 * One resumable upload (https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable). What was kept stays, in
 * multiples of 256 KiB; the file is there or has its new content with the last byte.
 */
export class DriveSession {
  readonly id: string = `AD${randomBytes(30).toString('base64url')}`;
  readonly #size: number | undefined;
  readonly #finish: (content: Buffer) => StoredDriveFile;
  #kept: Buffer = Buffer.alloc(0);
  #file: StoredDriveFile | undefined;

  /** `size` is what X-Upload-Content-Length announced. */
  constructor(size: number | undefined, finish: (content: Buffer) => StoredDriveFile) {
    this.#size = size;
    this.#finish = finish;
  }

  get kept(): number {
    return this.#kept.length;
  }

  /** Takes a chunk, or a question. */
  put({ headers, body, isWhole }: FakeRequest, limit: number = Infinity): StoredDriveFile | FakeAnswer {
    if (this.#file !== undefined) return this.#file;
    const header = headers['content-range'] ?? `bytes 0-${body.length - 1}/${body.length}`;
    const [, range = '', total = ''] = /^bytes (\*|\d+-\d+)\/(\d+)$/.exec(header) ?? [];
    if (range === '' || (this.#size !== undefined && Number(total) !== this.#size))
      throw driveFault(400, 'badRequest', `Failed to parse Content-Range header: ${header}`);
    if (range === '*') return this.#incomplete();
    const [first = 0, last = 0] = range.split('-').map(Number);
    this.#assertChunk(first, last + 1, Number(total), isWhole ? body.length : undefined);
    const chunk = body.subarray(this.kept - first).subarray(0, limit);
    const all = Buffer.concat([this.#kept, chunk]);
    const isLast = isWhole && all.length === Number(total);
    this.#kept = isLast ? all : all.subarray(0, Math.max(this.kept, Math.floor(all.length / quantum) * quantum));
    if (!isLast) return this.#incomplete();
    this.#file = this.#finish(this.#kept);
    return this.#file;
  }

  #assertChunk(start: number, end: number, total: number, bytes: number | undefined): void {
    const flaw =
      end > total || end <= start
        ? 'the range is none'
        : start > this.kept
          ? `the offset ${start} exceeds what was uploaded`
          : bytes !== undefined && bytes !== end - start
            ? `the body has ${bytes} bytes`
            : end < total && (end - start) % quantum !== 0
              ? 'a chunk is a multiple of 256 KiB'
              : undefined;
    if (flaw !== undefined) throw driveFault(400, 'badRequest', `Invalid request: ${flaw}.`);
  }

  #incomplete(): FakeAnswer {
    const range = this.kept > 0 ? { range: `bytes=0-${this.kept - 1}` } : {};
    return { status: 308, headers: { ...range, 'content-length': '0' } };
  }
}
