import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const script: string = new URL('lock-holder.ts', import.meta.url).pathname;

/** Another process that holds a lock until it is killed. */
export class OtherProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Locks a file, or `[start, start + length)` of it, in another process. Rejects with the errno when it could not. */
  static async start(kind: 'flock' | 'lock', path: string, start = 0, length = 0): Promise<OtherProcess> {
    const child = spawn(process.execPath, [script, kind, path, `${start}`, `${length}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const other = new OtherProcess(child);
    const [answer] = (await once(child.stdout, 'data')) as [Buffer];
    if (answer.toString().trim() === 'locked') return other;
    await other.kill();
    throw new Error(answer.toString());
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
