import { parentPort } from 'node:worker_threads';
import type { Capabilities, Store } from '../store/store.ts';
import { carryError } from './carried-error.ts';
import type { FromStore, ToStore } from './messages.ts';
import { ServedCall } from './served-call.ts';

/** What a store's thread opens. */
export interface ServedStore {
  readonly store: Store;
  /** What the other side may ask for at any time, as plain values: what was counted, for example. */
  readonly figures?: (() => unknown) | undefined;
}

/**
 * Serves a store to the thread that started this one; for the script that `openThreadStore` is given. `open` gets its startup value. Throws
 * `TypeError` on a main thread.
 */
export function serveStore(open: (startup: unknown) => ServedStore | Promise<ServedStore>): void {
  if (parentPort === null) throw new TypeError('a store is served from a thread of its own');
  const port = parentPort;
  const post = (message: FromStore, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  let server: StoreServer | undefined;
  const start = async (startup: unknown): Promise<void> => {
    try {
      server = new StoreServer(await open(startup), post);
    } catch (error) {
      post({ kind: 'refused', error: carryError(error) });
    }
  };
  port.on('message', (message: ToStore) => {
    if (message.kind === 'open') void start(message.startup);
    else server?.receive(message);
  });
}

type Post = (message: FromStore, transfer?: ArrayBuffer[]) => void;

class StoreServer {
  readonly #served: ServedStore;
  readonly #post: Post;
  readonly #calls = new Map<number, ServedCall>();
  #capabilities: Capabilities;

  constructor(served: ServedStore, post: Post) {
    this.#served = served;
    this.#post = post;
    this.#capabilities = { ...served.store.capabilities };
    post({ kind: 'opened', name: served.store.name, capabilities: this.#capabilities });
  }

  receive(message: Exclude<ToStore, { kind: 'open' }>): void {
    const { id } = message;
    switch (message.kind) {
      case 'call':
        return this.#begin(id, message.carried);
      case 'abort':
        return this.#calls.get(id)?.abort();
      case 'figures':
        return this.#post({ kind: 'figures', id, figures: this.#served.figures?.() });
      case 'piece':
      case 'end':
      case 'taken':
      case 'leave':
        return this.#calls.get(id)?.receive(message);
    }
  }

  #begin(id: number, carried: Extract<ToStore, { kind: 'call' }>['carried']): void {
    const call = new ServedCall(id, this.#served.store, (message, transfer) => {
      this.#tellCapabilities();
      this.#post(message, transfer);
    });
    this.#calls.set(id, call);
    void call.run(carried).then(() => this.#calls.delete(id));
  }

  /** Some are known after a call only; who has its answer knows them. */
  #tellCapabilities(): void {
    const { capabilities } = this.#served.store;
    const keys = Object.keys(capabilities) as (keyof Capabilities)[];
    if (keys.every((key) => capabilities[key] === this.#capabilities[key])) return;
    this.#capabilities = { ...capabilities };
    this.#post({ kind: 'capabilities', capabilities: this.#capabilities });
  }
}
