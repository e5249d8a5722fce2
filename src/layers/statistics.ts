import { isStoreError, type StoreError, type StoreErrorCode } from '../store/errors.ts';
import { type Call, intercept, type Operation, type Proceed } from '../store/intercept.ts';
import type { Store } from '../store/store.ts';
import { BusyTime } from './busy-time.ts';

/** What passed through a store since the layer was made: plain, frozen JSON. */
export interface StoreStatistics {
  /** When counting began, in milliseconds since the epoch. */
  readonly since: number;
  readonly operations: Readonly<Record<Operation, OperationCount>>;
  /** Bytes of successful transfers. A read that its caller left early counts with what was delivered. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Bytes per second over the union of the times in which a successful transfer was under way; 0 before the first. */
  readonly readRate: number;
  readonly writeRate: number;
  /** Failures by code. An aborted call is none. */
  readonly failures: Readonly<Partial<Record<StoreErrorCode, FailureCount>>>;
}

/** How often a method was called, and for how long. */
export interface OperationCount {
  /** Calls that were begun. */
  readonly calls: number;
  /** Calls that ended with an error of any kind, aborted ones left out. */
  readonly failures: number;
  /** The time that ended calls took, added up. A read lasts until its body was consumed, a listing until its last entry. */
  readonly milliseconds: number;
}

/** How often something failed, and how the last time. */
export interface FailureCount {
  readonly count: number;
  readonly last: { readonly at: number; readonly path: string | undefined; readonly message: string };
}

/** Options of `withStatistics`. */
export interface StatisticsOptions {
  /** Milliseconds since the epoch, on a clock that never goes back. @default the process's own */
  readonly now?: (() => number) | undefined;
}

/** A store that counts. */
export interface CountingStore extends Store {
  /** The counts of this moment. */
  statistics(): StoreStatistics;
}

/** Counts the calls, failures, bytes and times of a store. Memory stays the same however much passes through. */
export function withStatistics(store: Store, options: StatisticsOptions = {}): CountingStore {
  const counter = new Counter(options.now ?? (() => performance.timeOrigin + performance.now()));
  const watched = intercept(store, 'statistics', (call, proceed) => counter.watch(call, proceed));
  return Object.assign(watched, { statistics: () => counter.snapshot() });
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

class Counter {
  readonly #now: () => number;
  readonly #since: number;
  readonly #operations: Record<Operation, Mutable<OperationCount>>;
  readonly #failures: Partial<Record<StoreErrorCode, FailureCount>> = {};
  readonly #transfers = { read: new Transfers(), write: new Transfers() };

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
    this.#operations = eachOperation(() => ({ calls: 0, failures: 0, milliseconds: 0 }));
  }

  async watch(call: Call, proceed: Proceed): Promise<void> {
    const count = this.#operations[call.operation];
    const start = this.#now();
    count.calls += 1;
    try {
      await this.#transfer(call, proceed);
    } catch (error) {
      if (!isAbort(error, call)) {
        count.failures += 1;
        if (isStoreError(error)) this.#fail(call, error);
      }
      throw error;
    } finally {
      count.milliseconds += this.#now() - start;
    }
  }

  #transfer(call: Call, proceed: Proceed): Promise<void> {
    const { read, write } = this.#transfers;
    if (call.operation === 'read') {
      return read.measure(this.#now, (add) => proceed((download) => counted(download.body, add)));
    }
    if (call.operation === 'write') {
      return write.measure(this.#now, async (add) => {
        await proceed();
        add(call.source.size);
      });
    }
    return proceed();
  }

  #fail({ path }: Call, error: StoreError): void {
    const count = (this.#failures[error.code]?.count ?? 0) + 1;
    this.#failures[error.code] = { count, last: { at: this.#now(), path: error.path ?? path, message: error.message } };
  }

  snapshot(): StoreStatistics {
    const { read, write } = this.#transfers;
    return freeze({
      since: this.#since,
      operations: eachOperation((operation) => ({ ...this.#operations[operation] })),
      bytesRead: read.bytes,
      bytesWritten: write.bytes,
      readRate: read.rate,
      writeRate: write.rate,
      failures: structuredClone(this.#failures),
    });
  }
}

/** The successful transfers of one direction. */
class Transfers {
  bytes = 0;
  readonly #busy = new BusyTime();

  /** Bytes per second. */
  get rate(): number {
    return this.#busy.total === 0 ? 0 : (this.bytes * 1000) / this.#busy.total;
  }

  async measure(now: () => number, transfer: (add: (bytes: number) => void) => Promise<void>): Promise<void> {
    const interval = this.#busy.begin(now());
    let bytes = 0;
    try {
      await transfer((more) => {
        bytes += more;
      });
    } catch (error) {
      this.#busy.drop(interval);
      throw error;
    }
    this.#busy.count(interval, now());
    this.bytes += bytes;
  }
}

async function* counted(body: AsyncIterable<Uint8Array>, add: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    add(chunk.length);
    yield chunk;
  }
}

function isAbort(error: unknown, { options }: Call): boolean {
  return options.signal?.aborted === true && error === options.signal.reason;
}

function eachOperation<T>(make: (operation: Operation) => T): Record<Operation, T> {
  return {
    stat: make('stat'),
    list: make('list'),
    read: make('read'),
    write: make('write'),
    setMetadata: make('setMetadata'),
    makeDirectory: make('makeDirectory'),
    delete: make('delete'),
    deleteAll: make('deleteAll'),
    copy: make('copy'),
    move: make('move'),
    usage: make('usage'),
    changes: make('changes'),
    close: make('close'),
  };
}

function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
