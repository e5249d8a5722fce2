import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, realpath, rmdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isMounted } from '../../src/fuse/mount-table.ts';
import { unmountPath } from '../../src/fuse/unmount.ts';

/** Why nothing can be mounted here, or false. */
export const cannotMount: string | false = !existsSync('/dev/fuse')
  ? '/dev/fuse is missing'
  : process.getuid?.() !== 0 && !isInstalled('fusermount3')
    ? 'not root, and fusermount3 is missing (Debian package fuse3)'
    : false;

/** Whether a program is found along the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** What a command that ran outside of this process said. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script with `$MOUNT` set. This process itself never touches a mount. */
export function shell(script: string, mount = ''): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { cwd: '/', env: { ...process.env, MOUNT: mount, LC_ALL: 'C' }, timeout: 60_000 };
    execFile('/bin/sh', ['-c', script], options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

/** Looks every 20 milliseconds until `condition` holds; the test's own timeout ends the waiting. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Makes an empty folder for a mount. */
export async function makeMountPoint(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'wire test-')));
  await chmod(path, 0o777);
  return path;
}

/** Takes away what is mounted at a folder, dead or alive, and then the folder. */
export async function removeMountPoint(path: string): Promise<void> {
  await unmountPath(path, { lazy: true });
  await rmdir(path);
}

/** A process that serves a `MemoryFileSystem` at a mount point, and does what it is told. */
export class WireMount {
  readonly mountPoint: string;
  readonly process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #asking: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, mountPoint: string) {
    this.process = child;
    this.mountPoint = mountPoint;
    const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /** Begins to serve; `prefix` is a command that becomes somebody else first. Throws what the daemon could not do, by its code. */
  static async start(mountPoint: string, prefix: readonly string[] = []): Promise<WireMount> {
    const daemon = new URL('./wire-daemon.ts', import.meta.url).pathname;
    const child = spawn('env', [...prefix, process.execPath, daemon, mountPoint], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
    });
    const mount = new WireMount(child, mountPoint);
    await mount.#answer();
    return mount;
  }

  /** Has the daemon do something (see `wire-daemon.ts`). Throws its error, whose message is the code. */
  tell(command: string, ...words: (string | number)[]): Promise<unknown> {
    const asked = this.#asking.then(() => {
      this.process.stdin?.write(`${JSON.stringify([command, ...words.map(String)])}\n`);
      return this.#answer();
    });
    this.#asking = asked.catch(() => undefined);
    return asked;
  }

  shell(script: string): Promise<CommandResult> {
    return shell(script, this.mountPoint);
  }

  /** Kills the daemon with no chance to tidy up. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }

  /** Ends the daemon, in peace or not, and removes the mount point. */
  async remove(): Promise<void> {
    await this.kill();
    await until(async () => !(await isMounted(this.mountPoint)) || (await this.#detach()));
    await rmdir(this.mountPoint);
  }

  async #detach(): Promise<boolean> {
    await unmountPath(this.mountPoint, { lazy: true });
    return false;
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('the daemon ended');
    const { value: result, error } = JSON.parse(value) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
