import type {
  CallOptions,
  Capabilities,
  Changes,
  ChangesOptions,
  DeleteOptions,
  Download,
  Entry,
  FileEntry,
  KnownEntry,
  ListOptions,
  Metadata,
  ReadOptions,
  SetMetadataOptions,
  Source,
  Store,
  TransferOptions,
  Usage,
  WriteOptions,
} from '../../store/store.ts';
import type { Transfer } from '../../store/transfer-rules.ts';

/**
 * What a service does for the calls of a store; `ServiceStore` makes a store of it. Each method is that of `Store`, with arguments that keep the contract
 * already: paths are canonical, ranges are some, metadata and sizes are within the capabilities. A `StoreError` need not say of which call it is.
 */
export interface Service {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Comes before every call of a path: finds out what must be known before its arguments are judged. */
  reach?(path: string, options: CallOptions): Promise<void>;
  stat(path: string, options: CallOptions): Promise<Entry>;
  list(path: string, options: ListOptions): AsyncIterable<Entry>;
  read(path: string, options: ReadOptions): Promise<Download>;
  write(path: string, source: Source, options: WriteOptions): Promise<FileEntry>;
  /** Absent where `capabilities.metadata` is `none`. */
  setMetadata?(path: string, metadata: Metadata, options: SetMetadataOptions): Promise<FileEntry>;
  makeDirectory(path: string, options: CallOptions): Promise<void>;
  delete(path: string, options: DeleteOptions): Promise<void>;
  /** `store` is the store that this service is behind, for what is deleted one by one. */
  deleteAll(entries: readonly KnownEntry[], options: CallOptions, store: Store): Promise<string[]>;
  /** `Store.copy` and `Store.move`. */
  transfer(call: Transfer & TransferOptions): Promise<void>;
  usage(options: CallOptions): Promise<Usage>;
  /** Absent where `capabilities.changes` is `none`. */
  changes?(since: string | undefined, options: ChangesOptions): Promise<Changes>;
  close(): Promise<void>;
}
