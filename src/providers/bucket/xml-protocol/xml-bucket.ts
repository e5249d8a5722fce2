import type { HttpClient } from '../../../http/http-client.ts';
import type { RetryOptions } from '../../../http/retry.ts';
import type { CallOptions, Metadata, SetMetadataOptions, Source } from '../../../store/store.ts';
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
} from '../bucket.ts';
import { assertFits } from '../metadata-text.ts';
import { SharedWork } from '../../../http/shared-work.ts';
import type { KeySource } from './access-keys.ts';
import { BackgroundWork } from './background-work.ts';
import { prepareBucket } from './bucket-access.ts';
import type { BucketEndpoint } from './bucket-endpoint.ts';
import { copyKey } from './key-copier.ts';
import { deleteKey, deleteKeys } from './key-deleter.ts';
import { KeyListing } from './key-listing.ts';
import { setKeyMetadata } from './key-metadata.ts';
import { getKey } from './key-reader.ts';
import { putKey } from './key-writer.ts';
import { putInParts } from './multipart-upload.ts';
import { SignedClient } from './signed-client.ts';
import { abandon } from './upload-progress.ts';
import { WriteConditions } from './write-conditions.ts';
import { headKey, type XmlParts } from './xml-parts.ts';
import { type XmlSettings, xmlLimits } from './xml-settings.ts';

/** Options of `XmlBucket`. */
export interface XmlBucketOptions {
  /** The store's name. */
  readonly name: string;
  /** It is closed with the bucket. */
  readonly http: Pick<HttpClient, 'send' | 'close'>;
  readonly keys: KeySource;
  readonly endpoint: BucketEndpoint;
  readonly settings: XmlSettings;
  readonly retry?: RetryOptions | undefined;
}

/** Milliseconds that `close` waits for what is being tidied up. */
const closingTime = 5000;

/** A bucket of a service that speaks the XML protocol of Amazon S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/). */
export class XmlBucket implements Bucket {
  readonly name: string;
  readonly account: string;
  readonly capabilities: BucketCapabilities;
  readonly #options: XmlBucketOptions;
  readonly #parts: XmlParts;
  readonly #preparing: SharedWork<void> = new SharedWork();
  readonly #listing: KeyListing;
  #prepared = false;

  constructor(options: XmlBucketOptions) {
    const { name, http, keys, endpoint, settings, retry } = options;
    this.name = name;
    this.account = `${name}://${settings.bucket}`;
    this.capabilities = capabilitiesOf(settings);
    this.#options = options;
    this.#parts = {
      client: new SignedClient({ http, keys, endpoint, retry }),
      settings,
      conditions: new WriteConditions(settings.preconditions === 'atomic'),
      background: new BackgroundWork(),
      learned: { copiesParts: settings.copiesParts, copyConditions: true, partSums: true, looksForUnfinished: true },
    };
    this.#listing = new KeyListing(this.#parts.client);
  }

  /** See `Bucket.prepare`. Tells a wrong key, a wrong secret, a missing bucket and a missing right apart. */
  async prepare({ signal }: CallOptions = {}): Promise<void> {
    const region = (): string => this.#options.endpoint.address.region;
    await this.#preparing.do('prepare', () => prepareBucket(this.#parts, region, {}), signal);
    this.#prepared = true;
  }

  async head(key: string, options: CallOptions = {}): Promise<StoredFile | undefined> {
    return await headKey(await this.#ready(options), key, options);
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredDownload | undefined> {
    return await getKey(await this.#ready(options), key, options);
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<StoredFile> {
    assertFits(options.metadata, this.capabilities.maxMetadataBytes);
    const parts = await this.#ready(options);
    await abandon(parts, options.resume?.obsolete, options);
    if (source.size < parts.settings.multipartFrom) return await putKey(parts, key, source, options);
    return await putInParts(parts, key, source, options);
  }

  async page(options: PageOptions): Promise<KeyPage> {
    await this.#ready(options);
    return await this.#listing.page(options);
  }

  async delete(key: string, options: DeleteKeyOptions = {}): Promise<void> {
    await deleteKey(await this.#ready(options), key, options);
  }

  async deleteAll(keys: readonly string[], options: DeleteKeysOptions = {}): Promise<readonly string[]> {
    return await deleteKeys(await this.#ready(options), keys, options);
  }

  async copy(from: StoredFile, to: string, options: CopyKeyOptions = {}): Promise<StoredFile> {
    return await copyKey(await this.#ready(options), from, to, options);
  }

  async setMetadata(key: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<StoredFile> {
    assertFits(metadata, this.capabilities.maxMetadataBytes);
    return await setKeyMetadata(await this.#ready(options), key, metadata, options);
  }

  /** Waits a moment for what is being tidied up, then ends all connections. */
  async close(): Promise<void> {
    await this.#parts.background.close(closingTime);
    await this.#options.http.close();
  }

  /** The first call of all finds or makes the bucket, and learns where it is. */
  async #ready(options: CallOptions): Promise<XmlParts> {
    if (!this.#prepared) await this.prepare(options);
    return this.#parts;
  }
}

function capabilitiesOf(settings: XmlSettings): BucketCapabilities {
  return {
    preconditions: settings.preconditions,
    modifiedPrecision: 1,
    modifiedListed: false,
    maxFileSize: settings.maxFileSize,
    maxMetadataBytes: settings.maxMetadataBytes,
    resumableFrom: settings.multipartFrom,
    partialFrom: settings.copiesParts ? settings.multipartFrom : Infinity,
    deletesAtOnce: xmlLimits.deletesAtOnce,
    refusedNames: settings.refusedNames,
  };
}
