/** What is fetched in advance at the beginning, and at the most, in requests at a time. */
const first = 12;
const most = 32;

/**
 * The order of what nobody waits for yet. Few requests are under way at first, and one more after each that ended: the limit of
 * the HTTP client grows in the same steps, so there always is a place for the request of somebody who waits.
 */
export class FetchQueue<T> {
  readonly #run: (request: T) => Promise<void>;
  readonly #waiting = new Set<T>();
  #running = 0;
  #limit = first;

  /** `run` is called when it is a request's turn; its promise does not reject. */
  constructor(run: (request: T) => Promise<void>) {
    this.#run = run;
  }

  add(request: T): void {
    this.#waiting.add(request);
    this.#admit();
  }

  /** Takes a request out. Answers whether its turn had not come. */
  remove(request: T): boolean {
    return this.#waiting.delete(request);
  }

  #admit(): void {
    for (const request of this.#waiting) {
      if (this.#running >= this.#limit) return;
      this.#waiting.delete(request);
      this.#running++;
      void this.#begin(request);
    }
  }

  async #begin(request: T): Promise<void> {
    await this.#run(request);
    this.#running--;
    this.#limit = Math.min(most, this.#limit + 1);
    this.#admit();
  }
}
