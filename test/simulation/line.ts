import { StoreError } from '../../src/store/errors.ts';
import { readBytes } from '../../src/store/operations.ts';
import { bytesSource } from '../../src/store/source.ts';
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
} from '../../src/store/store.ts';
import type { Fate } from './step.ts';
import { WaitingCall } from './waiting-call.ts';

/**
 * The line from one machine to the store. Every call waits until `pass` lets it go on: a change once on its way there and once on its way
 * back, a question once; a listing may come in two pages, each as the store is at that moment.
 */
export class Line implements Store {
  readonly name = 'line';
  /** Calls that wait, in the order in which they began. */
  readonly waiting: WaitingCall[] = [];
  readonly #store: Store;
  readonly #note: (text: string) => void;
  #isCut = false;

  constructor(store: Store, note: (text: string) => void) {
    this.#store = store;
    this.#note = note;
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities;
  }

  /** Lets one of the waiting calls go on. */
  async pass(index: number, fate: Fate): Promise<void> {
    const call = this.waiting[index % this.waiting.length];
    if (call === undefined) return;
    this.#note(`  ${call.text}: ${call.hasArrived ? 'answer' : 'request'} ${fate}`);
    await call.pass(fate);
    if (call.isOver) this.#forget(call);
  }

  /** The process is gone. With `landing`, changes that were on their way happen; nobody gets an answer any more. */
  async cut(landing: boolean): Promise<void> {
    this.#isCut = true;
    for (const call of this.waiting.splice(0)) {
      if (landing && call.isChange && !call.hasArrived) await call.land();
      call.end(noLine(call.text));
    }
  }

  stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return this.#ask(`stat ${path}`, options, () => this.#store.stat(path));
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const { signal: _signal, ...how } = options;
    let last = '';
    for (let page = 1; ; page++) {
      let part: Fate = 'well';
      const entries = await this.#ask(`list ${path}`, options, async (fate) => {
        part = fate;
        const all = await Array.fromAsync(this.#store.list(path, how));
        return all.filter((entry) => entry.path > last).sort((one, other) => (one.path < other.path ? -1 : 1));
      });
      // A page is half of what there is.
      const isPart = (part as Fate) !== 'well' || (page === 1 && entries.length > 3);
      const told = isPart ? entries.slice(0, Math.ceil(entries.length / 2)) : entries;
      yield* told;
      if ((part as Fate) === 'cut') throw noLine(`list ${path}`);
      if (!isPart) return;
      last = told.at(-1)?.path ?? last;
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const { signal: _signal, ...how } = options;
    let isCut = false;
    const { entry, bytes } = await this.#ask(`read ${path}`, options, async (fate) => {
      isCut = fate === 'cut';
      const download = await this.#store.read(path, how);
      return { entry: download.entry, bytes: Buffer.concat(await Array.fromAsync(download.body)) };
    });
    return { entry, body: bodyOf(bytes, isCut) };
  }

  async write(path: string, source: Source, { signal, ...how }: WriteOptions = {}): Promise<FileEntry> {
    signal?.throwIfAborted();
    const bytes = Buffer.concat(await Array.fromAsync(source.stream()));
    return this.#change(`write ${path} of ${bytes.length}`, signal, () =>
      this.#store.write(path, bytesSource(bytes), { ...how, resume: undefined }),
    );
  }

  setMetadata(path: string, metadata: Metadata, { signal, ...how }: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#change(`setMetadata ${path}`, signal, () => this.#store.setMetadata(path, metadata, how));
  }

  makeDirectory(path: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#change(`makeDirectory ${path}`, signal, () => this.#store.makeDirectory(path));
  }

  delete(path: string, { signal, ...how }: DeleteOptions = {}): Promise<void> {
    return this.#change(`delete ${path}`, signal, () => this.#store.delete(path, how));
  }

  deleteAll(entries: readonly KnownEntry[], { signal }: CallOptions = {}): Promise<string[]> {
    const text = `deleteAll ${entries.map(({ path }) => path).join(' ')}`;
    return this.#change(text, signal, () => this.#store.deleteAll(entries));
  }

  copy(from: string, to: string, { signal, ...how }: TransferOptions = {}): Promise<void> {
    return this.#change(`copy ${from} ${to}`, signal, () => this.#store.copy(from, to, how));
  }

  move(from: string, to: string, { signal, ...how }: TransferOptions = {}): Promise<void> {
    return this.#change(`move ${from} ${to}`, signal, () => this.#store.move(from, to, how));
  }

  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#ask('usage', options, () => this.#store.usage());
  }

  changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    return this.#ask('changes', options, () => this.#store.changes(since));
  }

  async close(): Promise<void> {}

  #ask<T>(text: string, { signal }: CallOptions, answer: (fate: Fate) => Promise<T>): Promise<T> {
    return this.#wait(text, signal, false, answer);
  }

  #change<T>(text: string, signal: AbortSignal | undefined, change: () => Promise<T>): Promise<T> {
    return this.#wait(text, signal, true, change);
  }

  async #wait<T>(
    text: string,
    signal: AbortSignal | undefined,
    isChange: boolean,
    perform: (fate: Fate) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (this.#isCut) throw noLine(text);
    const call = new WaitingCall(text, isChange, perform);
    this.waiting.push(call);
    const onAbort = (): void => {
      this.#note(`  ${text}: aborted`);
      this.#forget(call);
      call.end(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return (await call.outcome) as T;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #forget(call: WaitingCall): void {
    const index = this.waiting.indexOf(call);
    if (index >= 0) this.waiting.splice(index, 1);
  }
}

/** The whole content of a file at the store. */
export function contentOf(store: Store, path: string): Promise<Uint8Array> {
  return readBytes(store, path);
}

async function* bodyOf(bytes: Uint8Array, isCut: boolean): AsyncGenerator<Uint8Array> {
  const half = isCut ? bytes.length >> 1 : bytes.length;
  if (half > 0) yield bytes.subarray(0, half);
  if (isCut) throw noLine('read');
}

function noLine(text: string): StoreError {
  return new StoreError('Unavailable', { operation: text.split(' ')[0] ?? text, path: '/', store: 'line' });
}
