import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request, as it came over the wire. */
export interface Seen {
  readonly method: string;
  /** As it was sent, nothing decoded. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a server answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The connection breaks behind the body. */
  readonly cut?: boolean;
}

/** A key that is stored. */
export interface StoredKey {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An upload that is not finished. */
export interface StoredUpload {
  readonly key: string;
  readonly headers: StoredKey['headers'];
  readonly parts: Map<number, Buffer>;
  readonly initiator: string;
  readonly initiated: Date;
}

/** One bucket called `bucket`, addressed by path, with the plain behaviour of S3. */
export class StoredKeys {
  readonly stored: Map<string, StoredKey> = new Map();
  readonly uploads: Map<string, StoredUpload> = new Map();
  exists = true;
  #uploadCount = 0;

  answer(seen: Seen): Answer {
    const key = seen.path.replace(/^\/bucket\/?/, '');
    if (key === '') return this.#bucket(seen);
    if (!this.exists) return error(404, 'NoSuchBucket');
    if (seen.query.has('uploads') || seen.query.has('uploadId')) return this.#multipart(seen, key);
    switch (seen.method) {
      case 'PUT':
        return this.#put(seen, key);
      case 'DELETE':
        this.stored.delete(key);
        return { status: 204 };
      default:
        return this.#get(seen, key);
    }
  }

  /** Puts an upload there that somebody began. */
  addUpload(key: string, initiator: string, initiated: Date): string {
    const id = `upload-${++this.#uploadCount}`;
    this.uploads.set(id, { key, headers: {}, parts: new Map(), initiator, initiated });
    return id;
  }

  #bucket({ method, query, body }: Seen): Answer {
    if (method === 'PUT') {
      this.exists = true;
      return { status: 200 };
    }
    if (!this.exists) return error(404, 'NoSuchBucket');
    if (query.has('uploads')) return this.#listUploads(query.get('prefix') ?? '');
    if (query.has('delete')) {
      for (const [, key = ''] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) this.stored.delete(unescaped(key));
      return xml('<DeleteResult/>');
    }
    return this.#list(query);
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const limit = Number(query.get('max-keys') ?? 1000);
    const named = [...this.stored.keys()].filter((key) => key.startsWith(prefix));
    const groups = Map.groupBy(named, (key) => groupOf(key, prefix, query.get('delimiter')));
    const names = [...groups.keys()].filter((name) => compare(name, after) > 0).sort(compare);
    const shown = names.slice(0, limit).map((name) => this.#listed(name, groups.get(name)?.includes(name) === true));
    const cut = names.length > limit;
    const next = cut ? `<NextContinuationToken>${escaped(names[limit - 1] ?? '')}</NextContinuationToken>` : '';
    return xml(
      `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${cut}</IsTruncated>${next}${shown.join('')}</ListBucketResult>`,
    );
  }

  #listed(name: string, isKey: boolean): string {
    const encoded = encodeURIComponent(name);
    const file = isKey ? this.stored.get(name) : undefined;
    if (file === undefined) return `<CommonPrefixes><Prefix>${encoded}</Prefix></CommonPrefixes>`;
    const time = '2025-01-01T00:00:00.000Z';
    return `<Contents><Key>${encoded}</Key><LastModified>${time}</LastModified><ETag>${file.etag}</ETag><Size>${file.bytes.length}</Size></Contents>`;
  }

  #put({ headers, body }: Seen, key: string): Answer {
    const unmet = this.#unmet(key, headers);
    if (unmet !== undefined) return unmet;
    if (headers['x-amz-copy-source'] !== undefined) return this.#copy(headers, key);
    const etag = `"${md5(body).toString('hex')}"`;
    this.stored.set(key, { bytes: body, etag, headers: metadataIn(headers) });
    return { status: 200, headers: { etag } };
  }

  #unmet(key: string, headers: Seen['headers']): Answer | undefined {
    const found = this.stored.get(key)?.etag;
    if (headers['if-none-match'] === '*' && found !== undefined) return error(412, 'PreconditionFailed');
    const expected = headers['if-match'];
    if (expected === undefined || expected === found) return undefined;
    return found === undefined ? error(404, 'NoSuchKey') : error(412, 'PreconditionFailed');
  }

  #copy(headers: Seen['headers'], key: string): Answer {
    const source = this.#source(headers);
    if ('status' in source) return source;
    const replaces = headers['x-amz-metadata-directive'] === 'REPLACE';
    if (source === this.stored.get(key) && !replaces) return error(400, 'InvalidRequest');
    this.stored.set(key, replaces ? { ...source, headers: metadataIn(headers) } : source);
    return xml(`<CopyObjectResult><ETag>${source.etag}</ETag></CopyObjectResult>`);
  }

  /** What a copy is made of, or what is answered instead. */
  #source(headers: Seen['headers']): StoredKey | Answer {
    const name = decodeURIComponent(String(headers['x-amz-copy-source'])).replace(/^\/bucket\//, '');
    const source = this.stored.get(name);
    if (source === undefined) return error(404, 'NoSuchKey');
    const expected = headers['x-amz-copy-source-if-match'];
    return expected === undefined || expected === source.etag ? source : error(412, 'PreconditionFailed');
  }

  #part(number: number, { headers, body }: Seen, upload: StoredUpload): Answer {
    if (headers['x-amz-copy-source'] === undefined) {
      upload.parts.set(number, body);
      return { status: 200, headers: { etag: `"${md5(body).toString('hex')}"` } };
    }
    const source = this.#source(headers);
    if ('status' in source) return source;
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'])) ?? [];
    const bytes = source.bytes.subarray(Number(start), Number(end) + 1);
    upload.parts.set(number, bytes);
    return xml(`<CopyPartResult><ETag>"${md5(bytes).toString('hex')}"</ETag></CopyPartResult>`);
  }

  #get({ headers }: Seen, key: string): Answer {
    const found = this.stored.get(key);
    if (found === undefined) return error(404, 'NoSuchKey');
    const { etag, bytes } = found;
    if (headers['if-match'] !== undefined && headers['if-match'] !== etag) return error(412, 'PreconditionFailed');
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const ranged = headers.range !== undefined;
    if (ranged && Number(from) >= bytes.length) return error(416, 'InvalidRange');
    const part = bytes.subarray(Number(from), to === '' ? bytes.length : Number(to) + 1);
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    return {
      status: ranged ? 206 : 200,
      headers: {
        etag,
        'last-modified': 'Wed, 01 Jan 2025 00:00:00 GMT',
        ...found.headers,
        ...(ranged ? { 'content-range': range } : {}),
        'content-length': String(part.length),
      },
      body: part,
    };
  }

  #multipart(seen: Seen, key: string): Answer {
    const { method, query, headers } = seen;
    const id = query.get('uploadId') ?? this.addUpload(key, 'me', new Date());
    const upload = this.uploads.get(id);
    if (upload?.key !== key) return error(404, 'NoSuchUpload');
    if (query.has('uploads')) {
      this.uploads.set(id, { ...upload, headers: metadataIn(headers) });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    switch (method) {
      case 'PUT':
        return this.#part(Number(query.get('partNumber')), seen, upload);
      case 'GET':
        return xml(`<ListPartsResult><IsTruncated>false</IsTruncated>${partsOf(upload)}</ListPartsResult>`);
      case 'DELETE':
        this.uploads.delete(id);
        return { status: 204 };
      default:
        return this.#unmet(key, headers) ?? this.#complete(id, upload);
    }
  }

  #complete(id: string, { key, parts, headers }: StoredUpload): Answer {
    const sorted = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    const etag = `"${md5(Buffer.concat(sorted.map(md5))).toString('hex')}-${sorted.length}"`;
    this.stored.set(key, { bytes: Buffer.concat(sorted), etag, headers });
    this.uploads.delete(id);
    return xml(`<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`);
  }

  #listUploads(prefix: string): Answer {
    const listed = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
    const uploads = listed.map(
      ([id, { key, initiator, initiated }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiator><ID>${initiator}</ID></Initiator><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
    );
    return xml(
      `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`,
    );
  }
}

function partsOf({ parts }: StoredUpload): string {
  return [...parts]
    .map(
      ([number, bytes]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>"${md5(bytes).toString('hex')}"</ETag><Size>${bytes.length}</Size></Part>`,
    )
    .join('');
}

function metadataIn(headers: Seen['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-') || name === 'content-type');
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

function xml(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${body}` };
}

function error(status: number, code: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>told by ${code}</Message></Error>`), status };
}

/** What a listing shows of a key: itself, or what precedes the delimiter. */
function groupOf(key: string, prefix: string, delimiter: string | null): string {
  const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? key : key.slice(0, end + 1);
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w/]/gu, (sign) => `&#${sign.codePointAt(0)};`);
}

function unescaped(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_reference, code: string) => String.fromCodePoint(Number(code)));
}
