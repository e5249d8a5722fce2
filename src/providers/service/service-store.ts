import { callError, serviceCall } from '../../http/service-call.ts';
import { assertSource } from '../../store/exact-stream.ts';
import { StoreError } from '../../store/errors.ts';
import { assertDeletable } from '../../store/known-entries.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { noChanges } from '../../store/no-changes.ts';
import { assertCanonical } from '../../store/path.ts';
import { assertRange } from '../../store/range.ts';
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
import type { Service } from './service.ts';

/**
 * A store over a service: refuses what the contract forbids before any request, and lets every failure, also of a listing or a body that is under
 * way, name the call that it belongs to.
 */
export class ServiceStore implements Store {
  readonly name: string;
  readonly #service: Service;

  constructor(service: Service) {
    this.name = service.name;
    this.#service = service;
  }

  /** As they are known at the moment. */
  get capabilities(): Capabilities {
    return this.#service.capabilities;
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return await this.#call('stat', path, options, () => this.#service.stat(path, options));
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const { signal } = options;
    await this.#call('list', path, options, async () => undefined);
    yield* this.#told('list', path, signal, this.#service.list(path, options));
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    assertCanonical(path, 'read', this.name);
    assertRange(options);
    return await this.#call('read', path, options, async () => {
      const { entry, body } = await this.#service.read(path, options);
      return { entry, body: this.#told('read', path, options.signal, body) };
    });
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'write', this.name);
    assertSource(source);
    return await this.#call('write', path, options, async () => {
      this.#assertMetadata('write', path, options.metadata);
      const { maxFileSize } = this.capabilities;
      if (source.size > maxFileSize)
        throw new StoreError('TooLarge', { path, message: `the service takes ${maxFileSize} bytes at the most` });
      return await this.#service.write(path, source, options);
    });
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return await this.#call('setMetadata', path, options, async () => {
      this.#assertMetadata('setMetadata', path, metadata);
      if (this.#service.setMetadata === undefined) throw new StoreError('Unsupported', { path });
      return await this.#service.setMetadata(path, metadata, options);
    });
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    await this.#call('makeDirectory', path, options, () => this.#service.makeDirectory(path, options));
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    await this.#call('delete', path, options, () => this.#service.delete(path, options));
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    assertDeletable(entries, this);
    return await this.#call('deleteAll', entries[0]?.path ?? '/', options, () =>
      this.#service.deleteAll(entries, options, this),
    );
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('copy', from, to, options);
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('move', from, to, options);
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    return await this.#call('usage', '/', options, () => this.#service.usage(options));
  }

  async changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    const changes = this.#service.changes?.bind(this.#service);
    if (changes === undefined) return await noChanges(this.name);
    return await this.#call('changes', '/', options, () => changes(since, options));
  }

  async close(): Promise<void> {
    await this.#service.close();
  }

  #assertMetadata(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
  }

  async #transfer(operation: 'copy' | 'move', from: string, to: string, options: TransferOptions): Promise<void> {
    assertCanonical(from, operation, this.name);
    assertCanonical(to, operation, this.name);
    const call = { ...options, operation, store: this.name, from, to };
    await this.#call(operation, from, options, () => this.#service.transfer(call));
  }

  async #call<T>(operation: string, path: string, { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    return await serviceCall({ store: this.name, operation, path, signal }, async () => {
      await this.#service.reach?.(path, { signal });
      return await work();
    });
  }

  /** What a listing or a body tells, with errors that name their call. */
  async *#told<T>(
    operation: string,
    path: string,
    signal: AbortSignal | undefined,
    items: AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      for await (const item of items) {
        signal?.throwIfAborted();
        yield item;
      }
    } catch (error) {
      throw callError(error, { store: this.name, operation, path, signal });
    }
  }
}
