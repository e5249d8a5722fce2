import { StoreError } from '../store/errors.ts';
import type { Call } from '../store/intercept.ts';
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
} from '../store/store.ts';
import type { Inflow } from './inflow.ts';
import { StoreThread } from './store-thread.ts';
import type { ThreadCall } from './thread-call.ts';

/**
 * Opens a store in a thread of its own, where it disturbs nobody: `script` calls `serveStore` and gets `startup`. Throws what opening the
 * store throws. When the thread dies, the calls under way are `Unavailable`, and the next call starts another one.
 */
export async function openThreadStore(script: URL, startup: unknown): Promise<ThreadStore> {
  const lives = new ThreadLives(script, startup);
  const first = await lives.current();
  if (first.capabilities === undefined) throw new TypeError(`${script.href} opened no store`);
  return new ThreadStore(lives, first.name, first.capabilities);
}

/** A store that lives in another thread. It is that store in everything that the contract says. Made by `openThreadStore`. */
export class ThreadStore implements Store {
  readonly name: string;
  readonly #lives: ThreadLives;
  readonly #capabilities: Capabilities;

  /** @internal use `openThreadStore` */
  constructor(lives: ThreadLives, name: string, capabilities: Capabilities) {
    this.#lives = lives;
    this.name = name;
    this.#capabilities = capabilities;
  }

  get capabilities(): Capabilities {
    return this.#lives.running?.capabilities ?? this.#capabilities;
  }

  /** What the thread counts, since it was started. Undefined where none is running. */
  async figures(): Promise<unknown> {
    return this.#lives.running?.figures();
  }

  stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return this.#answer({ operation: 'stat', path, options });
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const call = await this.#begin({ operation: 'list', path, options });
    for await (const entries of call.pieces as Inflow<readonly Entry[]>) {
      for (const entry of entries) {
        yield entry;
        options.signal?.throwIfAborted();
      }
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const call = await this.#begin({ operation: 'read', path, options });
    const entry = (await call.answer) as FileEntry;
    return { entry, body: call.pieces as Inflow<Uint8Array> };
  }

  write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    return this.#answer({ operation: 'write', path, source, options });
  }

  setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#answer({ operation: 'setMetadata', path, metadata, options });
  }

  makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    return this.#answer({ operation: 'makeDirectory', path, options });
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    return this.#answer({ operation: 'delete', path, options });
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return this.#answer({ operation: 'deleteAll', path: undefined, entries, options });
  }

  copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#answer({ operation: 'copy', path: from, to, options });
  }

  move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#answer({ operation: 'move', path: from, to, options });
  }

  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#answer({ operation: 'usage', path: undefined, options });
  }

  changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    return this.#answer({ operation: 'changes', path: undefined, since, options });
  }

  /** Closes the store in its thread, and ends the thread. */
  close(): Promise<void> {
    return this.#lives.close();
  }

  async #answer<T>(call: Call): Promise<T> {
    return (await (
      await this.#begin(call)
    ).answer) as T;
  }

  async #begin(call: Call): Promise<ThreadCall> {
    call.options.signal?.throwIfAborted();
    const { running } = this.#lives;
    return running === undefined ? (await this.#lives.current()).begin(call) : running.begin(call);
  }
}

/** The threads of a store: one at a time, and another one when it is needed after the last one died. */
class ThreadLives {
  readonly #script: URL;
  readonly #startup: unknown;
  #thread: StoreThread | undefined;
  #closing: Promise<void> | undefined;

  constructor(script: URL, startup: unknown) {
    this.#script = script;
    this.#startup = startup;
  }

  /** The thread, where its store is open. */
  get running(): StoreThread | undefined {
    return this.#closing === undefined && this.#thread?.capabilities !== undefined ? this.#thread : undefined;
  }

  /** The thread that runs, or a new one; resolves when its store is open. Throws what opening it throws. */
  async current(): Promise<StoreThread> {
    if (this.#closing !== undefined) throw new StoreError('Unavailable', { message: 'the store is closed' });
    const thread = (this.#thread ??= new StoreThread(this.#script, this.#startup, () => this.#lost(thread)));
    try {
      await thread.opened;
      return thread;
    } catch (error) {
      this.#lost(thread);
      await thread.end();
      throw error;
    }
  }

  #lost(thread: StoreThread): void {
    if (this.#thread === thread) this.#thread = undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close(this.running);
    return this.#closing;
  }

  async #close(running: StoreThread | undefined): Promise<void> {
    try {
      await running?.begin({ operation: 'close', path: undefined, options: {} }).answer;
    } catch (error) {
      // With its thread the store is gone, and what it held with it.
      if (running?.hasEnded !== true) throw error;
    } finally {
      await (running ?? this.#thread)?.end();
    }
  }
}
