import { toldSize, toldTime } from '../../../http/told-values.ts';
import { setImmediate } from 'node:timers/promises';
import type { HttpResponse } from '../../../http/http-request.ts';
import { textOf, type XmlElement } from '../../../http/xml.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import type { KeyPage, PageOptions, StoredFile } from '../bucket.ts';
import { type ListedFile, type Listing, readListing } from './listed-files.ts';
import { decodeKey } from './percent-encoding.ts';
import { faultError, faultIn } from './service-fault.ts';
import type { SignedCall, SignedClient } from './signed-client.ts';
import { revisionOf } from './stored-headers.ts';

/** A page that was asked for before anybody wanted it. */
interface ComingPage {
  readonly next: string;
  readonly text: Promise<string>;
}

/**
 * Pages of keys (`ListObjectsV2`). Keys come percent-encoded, since XML cannot hold the control characters that keys may.
 *
 * The next page of a listing is asked for as soon as the text of this one has come, before it is read: reading it, and what its
 * receiver does with 1,000 keys, then happen while the service works. Only listings with a signal are asked for in advance, which
 * ends them, and only one page each.
 */
export class KeyListing {
  readonly #client: SignedClient;
  readonly #coming = new WeakMap<AbortSignal, ComingPage>();

  constructor(client: SignedClient) {
    this.#client = client;
  }

  /** See `Bucket.page`. */
  async page(options: PageOptions): Promise<KeyPage> {
    const text = await this.#claim(options);
    if (text === undefined) return await this.#client.read(callFor(options), (answer) => this.#read(answer, options));
    try {
      await this.#askForNext(text, options);
      return pageOf(readListing(text));
    } catch (error) {
      // What a repetition cures is repeated as for any other page.
      if (!isStoreError(error) || !error.retryable) throw error;
      return await this.#client.read(callFor(options), (answer) => this.#read(answer, options));
    }
  }

  async #read(answer: HttpResponse, options: PageOptions): Promise<KeyPage> {
    const text = await answer.body.text();
    await this.#askForNext(text, options);
    return pageOf(readListing(text));
  }

  /** The text of a page that was asked for already. */
  async #claim({ signal, next }: PageOptions): Promise<string | undefined> {
    const coming = signal === undefined ? undefined : this.#coming.get(signal);
    if (signal === undefined || coming === undefined) return undefined;
    this.#coming.delete(signal);
    return coming.next === next ? await coming.text : undefined;
  }

  async #askForNext(text: string, options: PageOptions): Promise<void> {
    const { signal, limit } = options;
    if (signal === undefined || limit !== undefined) return;
    const next = nextTokenIn(text);
    if (next === undefined) return;
    const coming = this.#client.read(callFor({ ...options, next }), (answer) => answer.body.text());
    // Its failure is thrown when its turn has come, and nobody is told of it when that never comes.
    coming.catch(() => {});
    this.#coming.set(signal, { next, text: coming });
    // Else the request would leave when all that follows without waiting is done.
    await setImmediate();
  }
}

function callFor({ prefix, grouped = false, next, after, limit, signal }: PageOptions): SignedCall {
  const query = {
    'list-type': 2,
    'encoding-type': 'url',
    prefix,
    delimiter: grouped ? '/' : undefined,
    'continuation-token': next,
    'start-after': next === undefined ? after : undefined,
    'max-keys': limit,
  };
  return { operation: 'ListObjectsV2', method: 'GET', query, signal };
}

/** The plain form of it; what else there may be is found by who reads the page. */
function nextTokenIn(text: string): string | undefined {
  return /<NextContinuationToken>([^<&\s]+)<\/NextContinuationToken>/.exec(text)?.[1];
}

function pageOf({ files, rest }: Listing): KeyPage {
  if (rest.name === 'Error') throw faultError(faultIn(rest, 500));
  if (rest.name !== 'ListBucketResult')
    throw new StoreError('Unavailable', { message: `the service answered a listing with <${rest.name}>` });
  const decode = textOf(rest, 'EncodingType') === 'url' ? decodeKey : (text: string): string => text;
  const next = nextIn(rest);
  return {
    files: files.map((file) => fileOf(file, decode)),
    prefixes: rest.children
      .filter(({ name }) => name === 'CommonPrefixes')
      .map((element) => decode(textOf(element, 'Prefix'))),
    next,
  };
}

function nextIn(rest: XmlElement): string | undefined {
  if (textOf(rest, 'IsTruncated').trim() !== 'true') return undefined;
  const token = textOf(rest, 'NextContinuationToken');
  if (token !== '') return token;
  throw new StoreError('Unavailable', { message: 'the service cut a listing off and did not say where it goes on' });
}

function fileOf({ key, size, modified, etag }: ListedFile, decode: (text: string) => string): StoredFile {
  return { key: decode(key), size: toldSize(size), modified: toldTime(modified), revision: revisionOf(etag) };
}
