import type { HttpClient } from '../../http/http-client.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from '../../http/http-request.ts';
import { ResponseBody } from '../../http/response-body.ts';
import type { RetryOptions } from '../../http/retry.ts';
import type { Bucket } from '../bucket/bucket.ts';
import { type AccessKeys, fixedKeys } from '../bucket/xml-protocol/access-keys.ts';
import { XmlBucket } from '../bucket/xml-protocol/xml-bucket.ts';
import { xmlLimits } from '../bucket/xml-protocol/xml-settings.ts';
import { checkedBody, sumInHeaders } from './google-body.ts';
import { refusedNames } from './google-call.ts';
import { googleMetadataBytes } from './google-resource.ts';
import { amazonError, amazonHeaders, amazonText, googleHeaders, GoogleSigner } from './google-dialect.ts';

/** A key of the page "Interoperability" of the console. */
export type HmacKey = Pick<AccessKeys, 'id' | 'secret'>;

/** Options of `hmacBucket`. */
export interface HmacBucketOptions {
  readonly hmac: HmacKey;
  readonly bucket: string;
  /** The folder that the store works in, with `/` behind it, or nothing. */
  readonly folder: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly create: boolean;
  readonly project?: string | undefined;
  readonly location?: string | undefined;
  readonly retry?: RetryOptions | undefined;
  readonly http: Pick<HttpClient, 'send' | 'close'>;
}

const mebibyte = 1 << 20;
const day = 86_400_000;

/** Names no region when a bucket is made: Google then takes its own default. */
const noRegion = 'us-east-1';

/**
 * A bucket by the XML API with an HMAC key (https://docs.cloud.google.com/storage/docs/interoperability). Single uploads, copies and
 * deletions keep their conditions; an upload in parts is checked just before its end, since Google takes none there. Google copies
 * no parts, so a change in place sends the whole file.
 */
export function hmacBucket(options: HmacBucketOptions): Bucket {
  const { hmac, bucket, folder, origin, create, location = noRegion, retry } = options;
  const url = new URL(origin);
  const address = { origin, host: url.host, path: `/${bucket}`, region: location };
  const isPlain = url.protocol === 'http:';
  return new XmlBucket({
    name: 'gs',
    http: new GoogleSpelling(options),
    keys: fixedKeys(hmac),
    endpoint: { address, redirect: () => undefined },
    retry,
    settings: {
      bucket,
      prefix: folder,
      create,
      refusedNames,
      preconditions: 'checked',
      sums: { sha256: isPlain, md5: true, crc32: false },
      verifiesReads: false,
      multipartFrom: 16 * mebibyte,
      partSize: 8 * mebibyte,
      parallelParts: 4,
      maxCopySize: xmlLimits.fileSize,
      copiesParts: false,
      maxFileSize: xmlLimits.fileSize,
      maxMetadataBytes: googleMetadataBytes,
      writeHeaders: {},
      abandonedAfter: 7 * day,
    },
  });
}

/** Sends the requests of the shared client in Google's spelling. */
class GoogleSpelling implements Pick<HttpClient, 'send' | 'close'> {
  readonly #options: HmacBucketOptions;
  readonly #signer: GoogleSigner;

  constructor(options: HmacBucketOptions) {
    this.#options = options;
    this.#signer = new GoogleSigner(options.hmac);
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const { project, http } = this.#options;
    const { operation, method, path, signal } = request;
    const isMultipart = /MultipartUpload$|^UploadPart/.test(operation);
    const headers = googleHeaders(request.headers ?? {}, { isMultipart, isCopy: operation === 'CopyObject' });
    if (operation === 'CreateBucket' && project !== undefined) headers['x-goog-project-id'] = project;
    headers['authorization'] = this.#signer.authorization({ method, path, headers });
    // Unsigned: Google's front end changes it. Without it, what is stored with gzip comes decompressed.
    if (operation === 'GetObject' || operation === 'HeadObject') headers['accept-encoding'] = 'gzip';
    const answer = await http.send({ ...request, headers });
    return {
      ...answer,
      headers: amazonHeaders(answer.headers, operation === 'UploadPart'),
      body: await bodyOf(answer, operation, signal),
    };
  }

  close(): Promise<void> {
    return this.#options.http.close();
  }
}

const textAnswers: ReadonlySet<string> = new Set(['ListObjectsV2', 'CopyObject', 'CompleteMultipartUpload']);

/** Texts that name versions are translated; whole files are compared with Google's checksum. */
async function bodyOf(answer: HttpResponse, operation: string, signal: AbortSignal | undefined): Promise<ResponseBody> {
  const { status, headers, body } = answer;
  if (status === 200 && operation === 'GetObject') {
    const crc = sumInHeaders(headers);
    const bytes = Number(headers['content-length'] ?? headers['x-goog-stored-content-length']);
    return crc === undefined ? body : bodyFrom(checkedBody(body, { bytes, crc }), body, signal);
  }
  if (status >= 400) return bodyFrom(once(Buffer.from(amazonError(await body.text()))), body, signal);
  if (!textAnswers.has(operation)) return body;
  const text = amazonText(await body.text(), generationIn(headers));
  return bodyFrom(once(Buffer.from(text)), body, signal);
}

function generationIn(headers: HttpHeaders): string | undefined {
  return headers['x-goog-generation'];
}

function bodyFrom(bytes: AsyncIterable<Uint8Array>, body: ResponseBody, signal: AbortSignal | undefined): ResponseBody {
  const stream = { [Symbol.asyncIterator]: () => bytes[Symbol.asyncIterator](), dump: () => body.discard() };
  return new ResponseBody(stream, signal);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
