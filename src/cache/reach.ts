/** So often, at most, the service counts as reached again, in milliseconds: some answers come through a line that drops others. */
const calm = 5_000;

/** Whether the service can be reached, as its calls show. */
export class Reach {
  readonly #onAgain: () => void;
  #online = true;
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** `onAgain` is called when it is reached after it was not. */
  constructor(onAgain: () => void) {
    this.#onAgain = onAgain;
  }

  get online(): boolean {
    return this.#online;
  }

  /** A call reached the service, or did not. */
  note(reached: boolean): void {
    const again = reached && !this.#online;
    this.#online = reached;
    if (!again || this.#timer !== undefined) return;
    const left = this.#toldAt + calm - performance.now();
    if (left <= 0) return this.#tell();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#online) this.#tell();
    }, left).unref();
  }

  /** Nothing more is told. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#toldAt = performance.now();
    this.#onAgain();
  }
}
