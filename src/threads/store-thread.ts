import { Worker } from 'node:worker_threads';
import { StoreError } from '../store/errors.ts';
import type { Call } from '../store/intercept.ts';
import type { Capabilities } from '../store/store.ts';
import { revivedError } from './carried-error.ts';
import type { FromStore, ToStore } from './messages.ts';
import { ThreadCall } from './thread-call.ts';

/**
 * One thread with one store in it, from its start to its end. When it ends unasked, every call under way fails with
 * `Unavailable`. It keeps the process alive only while somebody waits for it.
 */
export class StoreThread {
  /** Resolves when the store is open; rejects with what opening it threw. */
  readonly opened: Promise<void>;
  name = 'the store';
  capabilities: Capabilities | undefined;
  readonly #worker: Worker;
  readonly #onEnd: () => void;
  readonly #opened = Promise.withResolvers<void>();
  readonly #calls = new Map<number, ThreadCall>();
  readonly #questions = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 0;
  #waiting = 0;
  #failure: unknown;
  #hasEnded = false;

  /** `script` calls `serveStore`, and gets `startup` by message: credentials may be in it. `onEnd` is called once. */
  constructor(script: URL, startup: unknown, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.opened = this.#opened.promise;
    this.opened.catch(() => undefined);
    this.#worker = new Worker(script, { name: 'store', ...ownArguments() });
    this.#worker.on('message', (message: FromStore) => this.#receive(message));
    this.#worker.on('error', (error) => (this.#failure ??= error));
    this.#worker.on('messageerror', (error) => this.#abandon(error));
    this.#worker.on('exit', (status) => this.#ended(status));
    this.#wait(1);
    this.#post({ kind: 'open', startup });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Makes a call. Throws `TypeError` when an option cannot be sent. */
  begin(call: Call): ThreadCall {
    const id = this.#nextId++;
    const made = new ThreadCall(
      id,
      call,
      (message, transfer) => this.#post(message, transfer),
      () => this.#over(id),
    );
    this.#calls.set(id, made);
    this.#wait(1);
    try {
      made.send();
    } catch (error) {
      this.#over(id);
      throw new TypeError(`an option of "${call.operation}" cannot be sent to another thread`, { cause: error });
    }
    return made;
  }

  /** What the thread counts; undefined should it end meanwhile. */
  figures(): Promise<unknown> {
    const id = this.#nextId++;
    const question = Promise.withResolvers<unknown>();
    this.#questions.set(id, question);
    this.#wait(1);
    this.#post({ kind: 'figures', id });
    return question.promise;
  }

  /** Ends the thread at once. */
  async end(): Promise<void> {
    this.#failure ??= new Error('the store was closed');
    await this.#worker.terminate();
  }

  #receive(message: FromStore): void {
    switch (message.kind) {
      case 'opened':
        this.name = message.name;
        this.capabilities = message.capabilities;
        this.#wait(-1);
        return this.#opened.resolve();
      case 'refused':
        this.#wait(-1);
        return this.#opened.reject(revivedError(message.error, () => undefined));
      case 'capabilities':
        this.capabilities = message.capabilities;
        return undefined;
      case 'figures':
        this.#wait(-1);
        this.#questions.get(message.id)?.resolve(message.figures);
        this.#questions.delete(message.id);
        return undefined;
      case 'answer':
      case 'failed':
      case 'pull':
      case 'save':
      case 'piece':
      case 'end':
      case 'taken':
      case 'leave':
        return this.#calls.get(message.id)?.receive(message);
    }
  }

  #abandon(error: unknown): void {
    this.#failure ??= error;
    void this.#worker.terminate();
  }

  #ended(status: number): void {
    this.#hasEnded = true;
    const cause = this.#failure ?? new Error(`exit status ${status}`);
    const why = cause instanceof Error ? cause.message : 'something that is no error was thrown';
    const unavailable = (): StoreError =>
      new StoreError('Unavailable', { store: this.name, message: `the store's thread ended: ${why}`, cause });
    this.#opened.reject(unavailable());
    for (const call of this.#calls.values()) call.fail(unavailable());
    for (const { resolve } of this.#questions.values()) resolve(undefined);
    this.#questions.clear();
    this.#onEnd();
  }

  #over(id: number): void {
    if (this.#calls.delete(id)) this.#wait(-1);
  }

  #post(message: ToStore, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #wait(more: 1 | -1): void {
    const before = this.#waiting;
    this.#waiting += more;
    if (before === 0) this.#worker.ref();
    else if (this.#waiting === 0) this.#worker.unref();
  }
}

/** A thread takes the arguments of its process, but Node refuses those of a program that was no file. */
function ownArguments(): { execArgv?: string[] } {
  return process.execArgv.some((argument) => argument.startsWith('--input-type')) ? { execArgv: [] } : {};
}
