/** Prints a line. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a line for people beside the output. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * One line that changes. On a terminal it is written over, elsewhere each new text is a line of its own, at most one every
 * `pause` milliseconds.
 */
export class LiveLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #pause: number;
  #shown = '';
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream = process.stderr, pause = 5000) {
    this.#stream = stream;
    this.#pause = pause;
  }

  show(text: string): void {
    if (text === this.#shown) return;
    const now = performance.now();
    if (this.#stream.isTTY) this.#stream.write(`\r\u001B[K${text.slice(0, (this.#stream.columns || 80) - 1)}`);
    else if (now - this.#shownAt >= this.#pause) this.#stream.write(`${text}\n`);
    else return;
    this.#shown = text;
    this.#shownAt = now;
  }

  /** Leaves the last text where it is, so that other lines can follow. */
  end(): void {
    if (this.#shown !== '' && this.#stream.isTTY) this.#stream.write('\n');
    this.#shown = '';
  }
}
