/** The codes of undici, whose meaning `connectionError` knows. */
export type TimeoutCode = 'UND_ERR_HEADERS_TIMEOUT' | 'UND_ERR_BODY_TIMEOUT';

/** One wait at a time that may last too long. */
export class Timeout {
  readonly #onTimeout: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onTimeout: (error: Error) => void) {
    this.#onTimeout = onTimeout;
  }

  /** The wait begins; the one before it is over. */
  begin(milliseconds: number, code: TimeoutCode): void {
    this.stop();
    this.#timer = setTimeout(() => this.#onTimeout(Object.assign(new Error('a timeout'), { code })), milliseconds);
  }

  /** Something happened: the wait begins anew. */
  again(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
