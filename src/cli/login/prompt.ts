import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from '../command-error.ts';

/** Somebody who can be asked. */
export interface Person {
  /** What he answers, without what is around it. Throws `CommandError` when there is nobody (any more), `signal.reason` after an abort. */
  ask(question: string, options?: { readonly secret?: boolean; readonly signal?: AbortSignal }): Promise<string>;
  /** Tells him a line. */
  tell(line: string): void;
}

/** The person at the terminal. What is secret is not shown while it is typed. */
export class Terminal implements Person, Disposable {
  readonly #output: NodeJS.WriteStream;
  readonly #lines: Interface;
  readonly #waiting: string[] = [];
  #isMuted = false;
  #isOver = false;
  #taker: { readonly resolve: (line: string) => void; readonly reject: (error: unknown) => void } | undefined;

  constructor(input: NodeJS.ReadStream = process.stdin, output: NodeJS.WriteStream = process.stderr) {
    this.#output = output;
    const shown = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#isMuted) output.write(chunk);
        done();
      },
    });
    this.#lines = createInterface({ input, output: shown, terminal: input.isTTY && output.isTTY });
    this.#lines.on('line', (line) => this.#take(line));
    this.#lines.on('close', () => this.#end());
    // On a terminal that is read key by key, Ctrl-C is a key.
    this.#lines.on('SIGINT', () => {
      this.#lines.close();
      process.kill(process.pid, 'SIGINT');
    });
  }

  tell(line: string): void {
    this.#output.write(`${line}\n`);
  }

  async ask(
    question: string,
    { secret = false, signal }: { secret?: boolean; signal?: AbortSignal } = {},
  ): Promise<string> {
    signal?.throwIfAborted();
    this.#output.write(question);
    this.#isMuted = secret;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const early = this.#waiting.shift();
      if (early !== undefined) return early.trim();
      if (this.#isOver) throw nobody();
      this.#taker = { resolve, reject };
      return (await promise).trim();
    } finally {
      this.#taker = undefined;
      signal?.removeEventListener('abort', abort);
      if (secret) this.#output.write('\n');
      this.#isMuted = false;
    }
  }

  [Symbol.dispose](): void {
    this.#lines.close();
  }

  #take(line: string): void {
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker === undefined) this.#waiting.push(line);
    else taker.resolve(line);
  }

  #end(): void {
    this.#isOver = true;
    this.#taker?.reject(nobody());
  }
}

function nobody(): CommandError {
  return new CommandError('failed', 'nobody answered');
}
