import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from '../command-error.ts';

/** How somebody is asked. */
export interface AskOptions {
  /** What he types is not shown. @default false */
  readonly secret?: boolean | undefined;
  /** Spaces around the answer belong to it. @default false */
  readonly exact?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Somebody who can be asked. */
export interface Person {
  /** What he answers, without the spaces around it unless `exact`. Throws `CommandError` when there is nobody (any more), `signal.reason` after an abort. */
  ask(question: string, options?: AskOptions): Promise<string>;
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

  async ask(question: string, { secret = false, exact = false, signal }: AskOptions = {}): Promise<string> {
    signal?.throwIfAborted();
    const answered = (line: string): string => (exact ? line : line.trim());
    this.#output.write(question);
    this.#isMuted = secret;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const early = this.#waiting.shift();
      if (early !== undefined) return answered(early);
      if (this.#isOver) throw nobody();
      this.#taker = { resolve, reject };
      return answered(await promise);
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
