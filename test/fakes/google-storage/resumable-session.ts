import { randomBytes } from 'node:crypto';
import type { FakeBucket } from './fake-bucket.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import { GoogleFault, invalid } from './google-fault.ts';
import type { Preconditions } from './preconditions.ts';
import { type ExpectedChecksums, type FileProperties, parseHashHeader, type StoredFile } from './stored-file.ts';

const quantum = 256 * 1024;

/** What a resumable upload was begun with. */
export interface ResumableStart {
  readonly bucket: FakeBucket;
  readonly name: string;
  readonly properties: FileProperties;
  readonly preconditions: Preconditions;
  readonly checksums: ExpectedChecksums;
  /** The size that was announced in X-Upload-Content-Length. */
  readonly size: number | undefined;
}

interface ContentRange {
  /** Absent in a question for the state. */
  readonly start: number | undefined;
  readonly end: number;
  readonly total: number | undefined;
}

/**
 * One resumable upload (https://docs.cloud.google.com/storage/docs/performing-resumable-uploads). What was persisted stays;
 * the file appears with the last byte, if its preconditions hold then.
 */
export class ResumableSession {
  readonly id: string = `ABg${randomBytes(30).toString('base64url')}`;
  readonly #start: ResumableStart;
  #persisted: Buffer = Buffer.alloc(0);
  #finished: StoredFile | undefined;

  constructor(start: ResumableStart) {
    this.#start = start;
  }

  get persisted(): number {
    return this.#persisted.length;
  }

  get bucket(): FakeBucket {
    return this.#start.bucket;
  }

  /** Takes a chunk, or a question. Answers the file when it is complete, or 308. `limit` keeps no more of the chunk than that. */
  put(request: FakeRequest, limit: number = Infinity): StoredFile | FakeAnswer {
    const range = parseContentRange(request);
    this.#assertTotal(range.total);
    if (this.#finished !== undefined) return this.#finished;
    if (range.start === undefined) {
      return range.total === this.persisted && request.isWhole
        ? this.#finish(request, range.total)
        : this.#incomplete();
    }
    const isLast = range.total !== undefined && range.end === range.total;
    this.#assertChunk(range.start, range.end, request, isLast);
    this.#take(range.start, request.body, request.isWhole && limit === Infinity, limit);
    if (isLast && request.isWhole && this.persisted === range.total) return this.#finish(request, range.total);
    return this.#incomplete();
  }

  #finish(request: FakeRequest, size: number): StoredFile {
    const { bucket, name, properties, preconditions, checksums } = this.#start;
    const all = { ...checksums, ...parseHashHeader(request.headers['x-goog-hash']) };
    const content = this.#persisted.subarray(0, size);
    this.#finished = bucket.insert({ name, content, properties, preconditions, checksums: all });
    return this.#finished;
  }

  #assertTotal(total: number | undefined): void {
    const { size } = this.#start;
    if (total === undefined || size === undefined || total === size) return;
    throw invalid(`Invalid request. The total ${total} is not the announced ${size}.`, 'Content-Range');
  }

  #assertChunk(start: number, end: number, { body, isWhole }: FakeRequest, isLast: boolean): void {
    if (start > this.persisted) {
      const message = `Invalid request. According to the Content-Range header, the upload offset is ${start} byte(s), which exceeds already uploaded size of ${this.persisted} byte(s).`;
      throw new GoogleFault(503, 'backendError', 'ServiceUnavailable', message);
    }
    if (isWhole && body.length !== end - start) {
      throw invalid(
        `Invalid request. There were ${body.length} byte(s) in the request body. There should have been ${end - start} byte(s) (starting at offset ${start} and ending at offset ${end - 1}) according to the Content-Range header.`,
      );
    }
    if (!isLast && (end - start) % quantum !== 0) {
      throw invalid(
        `Invalid request. The number of bytes uploaded is required to be equal or greater than ${quantum}, except for the final request (it's recommended to be the exact multiple of ${quantum}). The received request contained ${end - start} bytes, which does not meet this requirement.`,
      );
    }
  }

  /** Of what does not come whole, only multiples of 256 KiB are kept. */
  #take(start: number, chunk: Buffer, isWhole: boolean, limit: number): void {
    const isNew = chunk.subarray(Math.min(chunk.length, this.persisted - start));
    const kept = isNew.subarray(0, Math.min(isNew.length, limit));
    const all = Buffer.concat([this.#persisted, kept]);
    const persisted = isWhole ? all.length : Math.max(this.persisted, Math.floor(all.length / quantum) * quantum);
    this.#persisted = all.subarray(0, persisted);
  }

  #incomplete(): FakeAnswer {
    const range = this.persisted > 0 ? { range: `bytes=0-${this.persisted - 1}` } : {};
    return { status: 308, headers: { ...range, 'x-guploader-uploadid': this.id, 'content-length': '0' } };
  }
}

/** Without a Content-Range the body is the whole file; with `bytes 5-*` it is all that follows byte 5. */
function parseContentRange({ headers, body }: FakeRequest): ContentRange {
  const header = headers['content-range'];
  if (header === undefined) return { start: 0, end: body.length, total: body.length };
  const [, range, total = ''] = /^bytes (\*|\d+-(?:\d+|\*))\/(\*|\d+)$/.exec(header) ?? [];
  const size = total === '*' ? undefined : Number(total);
  if (range === undefined) throw invalid(`Failed to parse Content-Range header: ${header}`, 'Content-Range');
  if (range === '*') {
    if (body.length > 0) throw invalid('A question for the state of an upload has no body', 'Content-Range');
    return { start: undefined, end: 0, total: size };
  }
  const [first = 0, last = 0] = range.split('-').map(Number);
  if (Number.isNaN(last)) {
    const end = first + body.length;
    return { start: first, end, total: size ?? end };
  }
  if (last < first || (size !== undefined && last >= size)) {
    throw invalid(`Failed to parse Content-Range header: ${header}`, 'Content-Range');
  }
  return { start: first, end: last + 1, total: size };
}
