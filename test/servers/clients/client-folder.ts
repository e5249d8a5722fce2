import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';

const timeout = 120_000;

/** What a client says of one name. */
export interface ClientEntry {
  readonly kind: 'file' | 'directory';
  /** Relative to what was listed, without a slash at either end. */
  readonly path: string;
  readonly size: number;
  readonly modified?: Date;
}

/** What a program gets besides its arguments. */
export interface ClientInput {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
}

/** A temporary home for one client: its programs find and leave everything there, and nothing of the user's. */
export class ClientFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(name: string): Promise<ClientFolder> {
    return new ClientFolder(await mkdtemp(join(tmpdir(), `client-${name}-`)));
  }

  /** Writes a file for nobody else to read, so that a secret can be in it; answers its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  /**
   * Runs a program to its end; answers its output.
   *
   * @throws {Error} with what it said to standard error, when its exit status is not 0.
   */
  async run(command: string, args: readonly string[], { input = '', env = {} }: ClientInput = {}): Promise<Buffer> {
    const child = spawn(command, args, { cwd: this.path, env: { ...this.#environment(), ...env }, timeout });
    // A program may end before it has read everything; its exit status says whether that is a failure.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(signal ?? `exit status ${status}`));
    });
    const [end, output, errors] = await Promise.all([ended, buffer(child.stdout), text(child.stderr)]);
    if (end !== 'exit status 0')
      throw new Error(`${command} ${args.join(' ')} ended with ${end}:\n${errors || output.toString()}`);
    return output;
  }

  /** As `run`, for output that is text. */
  async text(command: string, args: readonly string[], input?: ClientInput): Promise<string> {
    return (await this.run(command, args, input)).toString();
  }

  #environment(): NodeJS.ProcessEnv {
    const home = this.path;
    const folders = { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, TMPDIR: home };
    return { ...folders, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
