import { LRUCache } from 'lru-cache';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions, Metadata, SetMetadataOptions, Source } from '../../store/store.ts';
import type {
  Bucket,
  BucketCapabilities,
  CopyKeyOptions,
  DeleteKeyOptions,
  DeleteKeysOptions,
  GetOptions,
  KeyPage,
  PageOptions,
  PutOptions,
  StoredDownload,
  StoredFile,
} from '../bucket/bucket.ts';
import { assertFits } from '../bucket/metadata-text.ts';
import { append, endsPrefix, isAppending } from './google-append.ts';
import { deleteBatch, deletesAtOnce } from './google-batch.ts';
import { download } from './google-download.ts';
import { assertKey, filesPath, generationMatch, refusedNames } from './google-call.ts';
import { encodeName, type GoogleCall, type GoogleClient, strayAnswer } from '../google/google-client.ts';
import { isBucketMissing } from './storage-meaning.ts';
import { makeBucket, type NewBucket } from './new-google-bucket.ts';
import { setFileMetadata } from './google-metadata.ts';
import {
  describedFile,
  fileFields,
  fileOfResource,
  type FileResource,
  googleMetadataBytes,
} from './google-resource.ts';
import { giveUp, savedKey, uploadLarge } from './google-resumable.ts';
import { type Upload, uploadSmall } from './google-upload.ts';

const mebibyte = 1 << 20;

/** Resumable uploads end after a week (https://docs.cloud.google.com/storage/docs/resumable-uploads). */
const endsLifetime = 8 * 86_400_000;

/** Versions whose description is remembered. */
const knownVersions = 20_000;

/** Options of `GoogleBucket`. */
export interface GoogleBucketOptions {
  readonly client: GoogleClient;
  readonly bucket: string;
  /** The folder that the store works in, with `/` behind it. @default the whole bucket */
  readonly folder?: string | undefined;
  /** How the bucket is made where it does not exist. @default not made */
  readonly create?: NewBucket | undefined;
  /** Ends what the client uses. */
  readonly close: () => Promise<void>;
}

/** A bucket by the JSON API of Google Cloud Storage (https://docs.cloud.google.com/storage/docs/json_api/v1). Revisions are generations. */
export class GoogleBucket implements Bucket {
  readonly name = 'gs';
  readonly account: string;
  readonly capabilities: BucketCapabilities = {
    preconditions: 'atomic',
    modifiedPrecision: 1,
    modifiedListed: true,
    maxFileSize: 5 * 2 ** 40,
    maxMetadataBytes: googleMetadataBytes,
    resumableFrom: 8 * mebibyte,
    partialFrom: 4 * mebibyte,
    refusedNames,
    deletesAtOnce,
  };
  readonly #options: GoogleBucketOptions;
  readonly #client: GoogleClient;
  readonly #bucket: string;
  readonly #ends: string;
  readonly #known = new LRUCache<string, StoredFile>({ max: knownVersions });

  constructor(options: GoogleBucketOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#ends = endsPrefix(options.folder ?? '');
    this.account = `gs://${options.bucket}/${options.folder ?? ''}`.replace(/\/$/, '');
  }

  /** One listing, which tells whether the bucket is there, and what crashes have left behind of appending. */
  async prepare({ signal }: CallOptions = {}): Promise<void> {
    const { create } = this.#options;
    try {
      const { files } = await this.page({ prefix: this.#ends, signal });
      const old = files.filter(({ modified }) => modified < Date.now() - endsLifetime);
      await this.deleteAll(
        old.map(({ key }) => key),
        { signal },
      );
    } catch (error) {
      if (create === undefined || !isBucketMissing(error)) throw error;
      await makeBucket(this.#client, { ...create, bucket: this.#bucket, signal });
    }
  }

  async head(key: string, { signal }: CallOptions = {}): Promise<StoredFile | undefined> {
    const resource = await this.#describe(key, { signal });
    return resource === undefined ? undefined : this.#seen(resource);
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredDownload | undefined> {
    assertKey(key);
    return await download(this.#client, this.#bucket, key, options, {
      known: (file, revision, metageneration) => this.#known.get(`${revision} ${metageneration} ${file}`),
      head: (file, { ifRevision, signal }) => this.#headOf(file, { ifRevision, signal }),
    });
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<StoredFile> {
    assertKey(key);
    assertFits(options.metadata, googleMetadataBytes);
    const { ifRevision, unchanged, signal } = options;
    const upload: Upload = {
      bucket: this.#bucket,
      key,
      source,
      description: describedFile(options),
      precondition: generationMatch(ifRevision),
      signal,
    };
    const before = unchanged === undefined ? undefined : await this.#appendable(key, source, options);
    if (before === undefined) return this.#seen(await this.#upload(upload, options));
    const begunEnd = savedKey(upload, options.resume?.saved);
    const uploadEnd = (end: Upload): Promise<FileResource> => this.#upload(end, options);
    return this.#seen(await append(this.#client, { ...upload, before, ends: this.#ends, begunEnd, uploadEnd }));
  }

  async page(options: PageOptions): Promise<KeyPage> {
    const { prefix, grouped = false, next, after, limit, signal } = options;
    const {
      kind,
      items = [],
      prefixes = [],
      nextPageToken,
    } = await this.#client.json<ListResource>({
      operation: 'objects.list',
      method: 'GET',
      path: filesPath(this.#bucket),
      query: {
        prefix: prefix === '' ? undefined : prefix,
        delimiter: grouped ? '/' : undefined,
        pageToken: next,
        startOffset: next === undefined && after !== undefined ? behind(after) : undefined,
        maxResults: limit,
        fields: `kind,nextPageToken,prefixes,items(${fileFields})`,
      },
      signal,
    });
    if (kind !== 'storage#objects' || !Array.isArray(items) || !Array.isArray(prefixes)) throw strayAnswer();
    if (!prefixes.every((prefix) => typeof prefix === 'string')) throw strayAnswer();
    const files = items.map((resource) => this.#seen(resource)).filter(({ key }) => key !== after);
    return { files, prefixes, next: nextPageToken };
  }

  async delete(key: string, { ifRevision, signal }: DeleteKeyOptions = {}): Promise<void> {
    assertKey(key);
    try {
      const path = filesPath(this.#bucket, key);
      const query = generationMatch(ifRevision);
      await deleteFile(this.#client, { path, query, signal });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return;
      if (isStoreError(error, 'Conflict') && (await this.#describe(key, { signal })) === undefined) return;
      throw error;
    }
  }

  async deleteAll(keys: readonly string[], options: DeleteKeysOptions = {}): Promise<readonly string[]> {
    const kept: string[] = [];
    for (let at = 0; at < keys.length; at += deletesAtOnce) {
      kept.push(...(await deleteBatch(this.#client, this.#bucket, keys.slice(at, at + deletesAtOnce), options)));
    }
    return kept;
  }

  async copy(from: StoredFile, to: string, { ifRevision, signal }: CopyKeyOptions = {}): Promise<StoredFile> {
    assertKey(to);
    const target = `b/${encodeName(this.#bucket)}/o/${encodeName(to)}`;
    const conditions = { sourceGeneration: from.revision, ...generationMatch(ifRevision) };
    for (let rewriteToken: string | undefined; ; ) {
      const answer: RewriteResource = await this.#client.json({
        operation: 'objects.rewrite',
        method: 'POST',
        path: `${filesPath(this.#bucket, from.key)}/rewriteTo/${target}`,
        query: { rewriteToken, fields: `done,rewriteToken,resource(${fileFields})`, ...conditions },
        signal,
      });
      if (answer.done && answer.resource !== undefined) return this.#seen(answer.resource);
      rewriteToken = answer.rewriteToken;
      if (rewriteToken === undefined) throw new StoreError('Unavailable', { message: 'Google stopped in a copy' });
    }
  }

  async setMetadata(key: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<StoredFile> {
    assertKey(key);
    assertFits(metadata, googleMetadataBytes);
    return this.#seen(await setFileMetadata(this.#client, { bucket: this.#bucket, key, metadata, ...options }));
  }

  async close(): Promise<void> {
    await this.#options.close();
  }

  async #upload(upload: Upload, { resume, ifRevision, modified, metadata }: PutOptions): Promise<FileResource> {
    if (upload.source.size >= this.capabilities.resumableFrom) {
      const conditions =
        `${ifRevision} ${modified} ${metadata === undefined ? '' : JSON.stringify(metadata)}`.trimEnd();
      return await uploadLarge(this.#client, { ...upload, conditions, resume });
    }
    await giveUp(this.#client, upload, resume?.obsolete);
    return await uploadSmall(this.#client, upload);
  }

  /** The file at Google, if the source goes on where it ends. */
  async #appendable(
    key: string,
    source: Source,
    { unchanged = [], ifRevision, signal }: PutOptions,
  ): Promise<FileResource | undefined> {
    const [first] = unchanged;
    if (first === undefined || first.start > 0 || first.end < this.capabilities.partialFrom) return undefined;
    const before = await this.#describe(key, { signal });
    if (before?.generation !== ifRevision) {
      throw new StoreError('Conflict', { message: 'the file is not the one any more of which parts are unchanged' });
    }
    return before !== undefined && isAppending(unchanged, Number(before.size), source.size) ? before : undefined;
  }

  async #headOf(key: string, options: GetOptions): Promise<StoredFile | undefined> {
    const file = await this.head(key, options);
    if (file !== undefined && options.ifRevision !== undefined && file.revision !== options.ifRevision) {
      throw new StoreError('Conflict', { message: 'the file is another one by now' });
    }
    return file;
  }

  async #describe(key: string, { signal }: CallOptions): Promise<FileResource | undefined> {
    assertKey(key);
    try {
      const path = filesPath(this.#bucket, key);
      const query = { fields: fileFields };
      return await this.#client.json<FileResource>({ operation: 'objects.get', method: 'GET', path, query, signal });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #seen(resource: FileResource): StoredFile {
    const file = fileOfResource(resource);
    this.#known.set(`${file.revision} ${resource.metageneration} ${file.key}`, file);
    return file;
  }
}

/** Google answers 204; what says something else is something on the way to it. */
async function deleteFile(client: GoogleClient, call: Pick<GoogleCall, 'path' | 'query' | 'signal'>): Promise<void> {
  await client.retrying(call, async () => {
    const answer = await client.once({ operation: 'objects.delete', method: 'DELETE', ...call });
    await answer.body.discard();
    if (answer.status !== 204) throw strayAnswer();
  });
}

interface ListResource {
  readonly kind: string;
  readonly items?: readonly FileResource[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

interface RewriteResource {
  readonly done: boolean;
  readonly rewriteToken?: string;
  readonly resource?: FileResource;
}

/** The first key behind a key: `startOffset` is the first that is told. Too long a one would be refused. */
function behind(key: string): string {
  return Buffer.byteLength(key) < 1024 ? `${key}\u0001` : key;
}
