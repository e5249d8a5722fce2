import type { HttpClient } from '../../../http/http-client.ts';
import type { RetryOptions } from '../../../http/retry.ts';
import type { CallOptions, Source } from '../../../store/store.ts';
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
} from '../bucket.ts';
import type { KeySource } from './access-keys.ts';
import { BackgroundWork } from './background-work.ts';
import { prepareBucket } from './bucket-access.ts';
import type { BucketEndpoint } from './bucket-endpoint.ts';
import { copyKey } from './key-copier.ts';
import { deleteKey, deleteKeys } from './key-deleter.ts';
import { keyPage } from './key-listing.ts';
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
  readonly capabilities: BucketCapabilities;
  readonly #options: XmlBucketOptions;
  readonly #parts: XmlParts;

  constructor(options: XmlBucketOptions) {
    const { name, http, keys, endpoint, settings, retry } = options;
    this.name = name;
    this.capabilities = capabilitiesOf(settings);
    this.#options = options;
    this.#parts = {
      client: new SignedClient({ http, keys, endpoint, retry }),
      settings,
      conditions: new WriteConditions(settings.preconditions === 'atomic'),
      background: new BackgroundWork(),
      learned: { copiesParts: settings.copiesParts, looksForUnfinished: true },
    };
  }

  /** See `Bucket.prepare`. Tells a wrong key, a wrong secret, a missing bucket and a missing right apart. */
  async prepare(options: CallOptions = {}): Promise<void> {
    await prepareBucket(this.#parts, () => this.#options.endpoint.address.region, options);
  }

  head(key: string, options: CallOptions = {}): Promise<StoredFile | undefined> {
    return headKey(this.#parts, key, options);
  }

  get(key: string, options: GetOptions = {}): Promise<StoredDownload | undefined> {
    return getKey(this.#parts, key, options);
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<StoredFile> {
    const { settings } = this.#parts;
    await abandon(this.#parts, options.resume?.obsolete, options);
    if (source.size < settings.multipartFrom) return await putKey(this.#parts, key, source, options);
    return await putInParts(this.#parts, key, source, options);
  }

  page(options: PageOptions): Promise<KeyPage> {
    return keyPage(this.#parts.client, options);
  }

  delete(key: string, options: DeleteKeyOptions = {}): Promise<void> {
    return deleteKey(this.#parts, key, options);
  }

  deleteAll(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    return deleteKeys(this.#parts, keys, options);
  }

  copy(from: StoredFile, to: string, options: CopyKeyOptions = {}): Promise<StoredFile> {
    return copyKey(this.#parts, from, to, options);
  }

  /** Waits a moment for what is being tidied up, then ends all connections. */
  async close(): Promise<void> {
    await this.#parts.background.close(closingTime);
    await this.#options.http.close();
  }
}

function capabilitiesOf(settings: XmlSettings): BucketCapabilities {
  return {
    preconditions: settings.preconditions,
    modifiedPrecision: 1,
    modifiedListed: false,
    maxFileSize: settings.maxFileSize,
    resumableFrom: settings.multipartFrom,
    partialFrom: settings.copiesParts ? settings.multipartFrom : Infinity,
    deletesAtOnce: xmlLimits.deletesAtOnce,
  };
}
