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
import { SharedWork } from '../../http/shared-work.ts';

/** A bucket that is prepared before its first call, once for all calls that wait for it; after a failure the next call tries again. */
export class LazilyPrepared implements Bucket {
  readonly name: string;
  readonly account: string | undefined;
  readonly capabilities: BucketCapabilities;
  readonly #bucket: Bucket;
  readonly #preparing: SharedWork<void> = new SharedWork();
  #isReady = false;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
    this.name = bucket.name;
    this.account = bucket.account;
    this.capabilities = bucket.capabilities;
  }

  async prepare({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isReady) return;
    await this.#preparing.do('prepare', () => this.#bucket.prepare({}), signal);
    this.#isReady = true;
  }

  async head(key: string, options: CallOptions = {}): Promise<StoredFile | undefined> {
    await this.prepare(options);
    return await this.#bucket.head(key, options);
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredDownload | undefined> {
    await this.prepare(options);
    return await this.#bucket.get(key, options);
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<StoredFile> {
    await this.prepare(options);
    return await this.#bucket.put(key, source, options);
  }

  async page(options: PageOptions): Promise<KeyPage> {
    await this.prepare(options);
    return await this.#bucket.page(options);
  }

  async delete(key: string, options: DeleteKeyOptions = {}): Promise<void> {
    await this.prepare(options);
    await this.#bucket.delete(key, options);
  }

  async deleteAll(keys: readonly string[], options: DeleteKeysOptions = {}): Promise<readonly string[]> {
    await this.prepare(options);
    return await this.#bucket.deleteAll(keys, options);
  }

  async copy(from: StoredFile, to: string, options: CopyKeyOptions = {}): Promise<StoredFile> {
    await this.prepare(options);
    return await this.#bucket.copy(from, to, options);
  }

  async setMetadata(key: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<StoredFile> {
    await this.prepare(options);
    return await this.#bucket.setMetadata(key, metadata, options);
  }

  close(): Promise<void> {
    return this.#bucket.close();
  }
}
