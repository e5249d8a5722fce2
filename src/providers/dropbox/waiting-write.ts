import type { CallOptions } from '../../store/store.ts';
import type { DropboxMetadata } from './dropbox-metadata.ts';

/** What one `write` of a small file wants to be committed. */
export interface SmallWrite {
  /** `CommitInfo` of the API. */
  readonly commit: { readonly path: string; readonly [field: string]: unknown };
  readonly bytes: Uint8Array;
  /** The checksum of the bytes. */
  readonly sum: string;
}

/** A small `write` among others: each has an answer of its own, and its own abort, which none of the others notices. */
export class WaitingWrite {
  readonly write: SmallWrite;
  /** What the service has of the file, or why it has not. */
  readonly answer: Promise<DropboxMetadata>;
  readonly #end: PromiseWithResolvers<DropboxMetadata> = Promise.withResolvers();
  readonly #signal: AbortSignal | undefined;
  #isSettled = false;

  /** `onAbort` is told when the caller leaves before the answer. Throws `signal.reason` when he has left already. */
  constructor(write: SmallWrite, { signal }: CallOptions, onAbort: () => void) {
    signal?.throwIfAborted();
    this.write = write;
    this.#signal = signal;
    const leave = (): void => {
      this.reject(signal?.reason);
      onAbort();
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.answer = this.#end.promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  /** Answered, refused or aborted. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** For requests that are made for this one alone. */
  get options(): CallOptions {
    return { signal: this.#signal };
  }

  resolve(written: DropboxMetadata): void {
    this.#isSettled = true;
    this.#end.resolve(written);
  }

  reject(error: unknown): void {
    this.#isSettled = true;
    this.#end.reject(error);
  }
}
