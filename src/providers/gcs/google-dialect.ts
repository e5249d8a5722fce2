/**
 * The XML API of Google Cloud Storage speaks the protocol of Amazon S3 in two spellings, and in Amazon's it ignores every
 * condition of a change. In its own it keeps them: headers begin with `x-goog-`, requests are signed by GOOG4-HMAC-SHA256, and a
 * version of a file is named by its generation instead of its ETag
 * (https://docs.cloud.google.com/storage/docs/xml-api/reference-headers, .../docs/authentication/signatures). Requests of the shared client
 * are sent in that spelling, and answers come back in Amazon's; one request may not hold both.
 */
import { createHmac, hash } from 'node:crypto';
import type { HttpHeaders } from '../../http/http-request.ts';
import type { AccessKeys } from '../bucket/xml-protocol/access-keys.ts';
import { canonicalRequest } from '../bucket/xml-protocol/signature-v4.ts';
import { keptTime } from './google-resource.ts';

/** Both spellings of the header that keeps a modification time: seconds with the one, RFC 3339 with the other. */
const timeHeader = { amazon: 'x-amz-meta-mtime', google: 'x-goog-meta-mtime' } as const;

/** The headers of a request in Google's spelling, unsigned. */
export function googleHeaders(headers: HttpHeaders, { isCopy, isMultipart }: RequestKind): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === 'authorization') continue;
    if (name === 'if-match' || name === 'if-none-match') {
      // Multipart uploads take no conditions: the shared client looks at the revision just before it ends one.
      if (!isMultipart) own['x-goog-if-generation-match'] = value === '*' ? '0' : unquoted(value);
    } else if (name === 'x-amz-copy-source-if-match') {
      if (isCopy) own['x-goog-copy-source-if-generation-match'] = unquoted(value);
    } else if (name === timeHeader.amazon) {
      own[timeHeader.google] = new Date(Number(value) * 1000).toISOString();
    } else {
      own[name.replace(/^x-amz-/, 'x-goog-')] = value;
    }
  }
  return own;
}

/** What decides which conditions a request may carry. */
export interface RequestKind {
  readonly isCopy: boolean;
  readonly isMultipart: boolean;
}

/** What is signed, as it goes over the wire. */
export interface SignedParts {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs requests by GOOG4-HMAC-SHA256. The key that is derived for a day is kept. */
export class GoogleSigner {
  readonly #keys: Pick<AccessKeys, 'id' | 'secret'>;
  #derived: { readonly date: string; readonly key: Buffer } | undefined;

  constructor(keys: Pick<AccessKeys, 'id' | 'secret'>) {
    this.#keys = keys;
  }

  /** The value of the header `Authorization`. Date and body hash are those of the headers. */
  authorization({ method, path, headers }: SignedParts): string {
    const time = headers['x-goog-date'] ?? '';
    const date = time.slice(0, 8);
    const scope = `${date}/${scopeBehindDate.join('/')}`;
    const names = Object.keys(headers).sort();
    const mark = path.indexOf('?');
    const [bare, query] = mark === -1 ? [path, ''] : [path.slice(0, mark), path.slice(mark + 1)];
    const payload = headers['x-goog-content-sha256'] ?? '';
    const canonical = canonicalRequest({ method, path: bare, query, headers, payload }, names);
    const text = `GOOG4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = hmac(this.#derive(date), text).toString('hex');
    return `GOOG4-HMAC-SHA256 Credential=${this.#keys.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  }

  #derive(date: string): Buffer {
    if (this.#derived?.date !== date) {
      const secret = Buffer.from(`GOOG4${this.#keys.secret}`);
      const key = [date, ...scopeBehindDate].reduce<Buffer>((derived, step) => hmac(derived, step), secret);
      this.#derived = { date, key };
    }
    return this.#derived.key;
  }
}

/** Any region is good for a bucket of any region. */
const scopeBehindDate: readonly string[] = ['auto', 'storage', 'goog4_request'];

/** The headers of an answer in Amazon's spelling: the ETag is the generation, unless the answer is about a part. */
export function amazonHeaders(headers: HttpHeaders, isPart: boolean): HttpHeaders {
  const own: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    const plain = name.replace(/^x-goog-(?=meta-)/, 'x-amz-');
    own[plain] = plain === timeHeader.amazon ? seconds(value) : value;
  }
  const generation = headers['x-goog-generation'];
  if (generation !== undefined && !isPart) own['etag'] = quoted(generation);
  // What is stored with gzip has no other length.
  own['content-length'] ??= headers['x-goog-stored-content-length'];
  return own;
}

/** A text about versions in Amazon's spelling: each ETag is the generation, which listings tell and other answers' headers. */
export function amazonText(text: string, generation: string | undefined): string {
  if (generation !== undefined) return text.replace(/<ETag>[^<]*<\/ETag>/, `<ETag>${quoted(generation)}</ETag>`);
  return text.replaceAll(/<Contents>.*?<\/Contents>/gs, (contents) => {
    const [, own] = /<Generation>(\d+)<\/Generation>/.exec(contents) ?? [];
    return own === undefined ? contents : contents.replace(/<ETag>[^<]*<\/ETag>/, `<ETag>${quoted(own)}</ETag>`);
  });
}

/** An error in Amazon's spelling (https://docs.cloud.google.com/storage/docs/xml-api/reference-status). */
export function amazonError(text: string): string {
  return text.replace(/<Code>(\w+)<\/Code>/, (whole, code: string) => {
    const known = Object.hasOwn(codes, code) ? codes[code] : undefined;
    return known === undefined ? whole : `<Code>${known}</Code>`;
  });
}

const codes: Readonly<Record<string, string>> = {
  InvalidSecurity: 'InvalidAccessKeyId',
  AuthenticationRequired: 'InvalidAccessKeyId',
  BucketNameUnavailable: 'BucketAlreadyExists',
  CrcMismatch: 'BadDigest',
  InvalidObjectName: 'InvalidURI',
};

function seconds(time: string | undefined): string | undefined {
  const kept = time === undefined ? undefined : keptTime({ mtime: time });
  return kept === undefined ? undefined : (kept / 1000).toFixed(3);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function quoted(generation: string): string {
  return `"${generation}"`;
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
