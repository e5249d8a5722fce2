import { LRUCache } from 'lru-cache';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions, Source } from '../../store/store.ts';
import type {
  Bucket,
  BucketCapabilities,
  CopyKeyOptions,
  DeleteKeyOptions,
  GetOptions,
  KeyPage,
  PageOptions,
  PutOptions,
  StoredDownload,
  StoredFile,
} from '../bucket/bucket.ts';
import { append, endsPrefix, isAppending } from './google-append.ts';
import { deleteBatch, deletesAtOnce } from './google-batch.ts';
import { download } from './google-download.ts';
import { assertKey, filesPath, generationMatch } from './google-call.ts';
import { encodeName, type GoogleClient } from './google-client.ts';
import { isBucketMissing } from './google-error.ts';
import { describedFile, fileFields, fileOfResource, type FileResource } from './google-resource.ts';
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
  /** Makes the bucket in this project where it does not exist. @default not made */
  readonly create?: { readonly project: string | undefined; readonly location: string | undefined } | undefined;
  /** Ends what the client uses. */
  readonly close: () => Promise<void>;
}

/** A bucket by the JSON API of Google Cloud Storage (https://docs.cloud.google.com/storage/docs/json_api/v1). Revisions are generations. */
export class GoogleBucket implements Bucket {
  readonly name = 'google storage';
  readonly account: string;
  readonly capabilities: BucketCapabilities = {
    preconditions: 'atomic',
    modifiedPrecision: 1,
    modifiedListed: true,
    maxFileSize: 5 * 2 ** 40,
    resumableFrom: 8 * mebibyte,
    partialFrom: 4 * mebibyte,
    deletesAtOnce,
  };
  readonly #options: GoogleBucketOptions;
  readonly #client: GoogleClient;
  readonly #bucket: string;
  readonly #known = new LRUCache<string, StoredFile>({ max: knownVersions });

  constructor(options: GoogleBucketOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.account = `gs://${options.bucket}`;
  }

  async prepare(options: CallOptions = {}): Promise<void> {
    try {
      await this.page({ prefix: '', limit: 1, signal: options.signal });
    } catch (error) {
      if (this.#options.create === undefined || !isBucketMissing(error)) throw error;
      await this.#make(this.#options.create, options);
    }
    await this.#removeOldEnds(options);
  }

  async head(key: string, { signal }: CallOptions = {}): Promise<StoredFile | undefined> {
    const resource = await this.#describe(key, { signal });
    return resource === undefined ? undefined : this.#seen(resource);
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredDownload | undefined> {
    assertKey(key);
    return await download(this.#client, this.#bucket, key, options, {
      known: (file, revision) => this.#known.get(`${revision} ${file}`),
      head: (file, { ifRevision, signal }) => this.#headOf(file, { ifRevision, signal }),
    });
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<StoredFile> {
    assertKey(key);
    const { ifRevision, modified, contentType, unchanged, signal } = options;
    const upload: Upload = {
      bucket: this.#bucket,
      key,
      source,
      description: describedFile(modified, contentType),
      precondition: generationMatch(ifRevision),
      signal,
    };
    const before = unchanged === undefined ? undefined : await this.#appendable(key, source, options);
    if (before === undefined) return this.#seen(await this.#upload(upload, options));
    const begunEnd = savedKey(upload, options.resume?.saved);
    const uploadEnd = (end: Upload): Promise<FileResource> => this.#upload(end, options);
    return this.#seen(await append(this.#client, { ...upload, before, begunEnd, uploadEnd }));
  }

  async page(options: PageOptions): Promise<KeyPage> {
    const { prefix, grouped = false, next, after, limit, signal } = options;
    const {
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
        fields: `nextPageToken,prefixes,items(${fileFields})`,
      },
      signal,
    });
    const files = items.map((resource) => this.#seen(resource)).filter(({ key }) => key !== after);
    return { files, prefixes, next: nextPageToken };
  }

  async delete(key: string, { ifRevision, signal }: DeleteKeyOptions = {}): Promise<void> {
    assertKey(key);
    try {
      const path = filesPath(this.#bucket, key);
      const query = generationMatch(ifRevision);
      await this.#client.call({ operation: 'objects.delete', method: 'DELETE', path, query, signal });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return;
      if (isStoreError(error, 'Conflict') && (await this.#describe(key, { signal })) === undefined) return;
      throw error;
    }
  }

  async deleteAll(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    for (let at = 0; at < keys.length; at += deletesAtOnce) {
      await deleteBatch(this.#client, this.#bucket, keys.slice(at, at + deletesAtOnce), options);
    }
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

  async close(): Promise<void> {
    await this.#options.close();
  }

  async #upload(upload: Upload, { resume, ifRevision, modified }: PutOptions): Promise<FileResource> {
    if (upload.source.size >= this.capabilities.resumableFrom) {
      const conditions = `${ifRevision} ${modified}`;
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

  /** What crashes have left behind of appending, long enough ago that nobody works with it. */
  async #removeOldEnds({ signal }: CallOptions): Promise<void> {
    const { files } = await this.page({ prefix: endsPrefix, signal });
    const old = files.filter(({ modified }) => modified < Date.now() - endsLifetime);
    await this.deleteAll(
      old.map(({ key }) => key),
      { signal },
    );
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
    this.#known.set(`${file.revision} ${file.key}`, file);
    return file;
  }

  async #make(create: NonNullable<GoogleBucketOptions['create']>, { signal }: CallOptions): Promise<void> {
    const { project, location } = create;
    if (project === undefined) {
      const message = `there is no bucket ${this.#bucket}, and to make it the project must be known; set \`project\``;
      throw new StoreError('PermissionDenied', { message });
    }
    try {
      await this.#client.json({
        operation: 'buckets.insert',
        method: 'POST',
        path: '/storage/v1/b',
        query: { project, fields: 'name' },
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: this.#bucket, location }),
        signal,
      });
    } catch (error) {
      throw isStoreError(error, 'Conflict') ? nameTaken(this.#bucket, error) : error;
    }
  }
}

interface ListResource {
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

function nameTaken(bucket: string, cause: unknown): StoreError {
  const message = `the bucket ${bucket} belongs to somebody else; choose another \`bucket_name\``;
  return new StoreError('PermissionDenied', { message, cause });
}
