import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

/**
 * A child that runs one of our files and answers each line of its standard input, a JSON array of a command and its arguments,
 * with one line of JSON: `{ "value": … }` or `{ "error": message }`. Its first line comes by itself, when it is ready.
 */
export class DaemonProcess {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(script: string, options: unknown) {
    this.child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
    // A command to a daemon that died is answered by the end of its output.
    this.child.stdin?.on('error', () => undefined);
    this.#reader = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The next answer. Rejects when the daemon says so, or dies. */
  async answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the daemon died');
    const { error, value: answer } = JSON.parse(value) as { error?: string; value?: unknown };
    if (error !== undefined) throw new Error(error);
    return answer;
  }

  /** Gives a command, after those before it were answered. */
  ask(...command: readonly string[]): Promise<unknown> {
    const asked = this.#turn.then(() => {
      this.child.stdin?.write(`${JSON.stringify(command)}\n`);
      return this.answer();
    });
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  /** Waits for its end, at most this many milliseconds. Whether it came. */
  async waitForExit(milliseconds: number): Promise<boolean> {
    if (this.exited) return true;
    try {
      await once(this.child, 'exit', { signal: AbortSignal.timeout(milliseconds) });
    } catch {
      return this.exited;
    }
    return true;
  }

  /** As by `kill -9`; resolves when it is dead. */
  async kill(): Promise<void> {
    if (this.exited) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
    this.#reader.close();
  }
}
