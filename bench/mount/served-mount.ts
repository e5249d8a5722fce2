import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMounted } from '../../src/fuse/mount-table.ts';
import { unmountPath } from '../../src/fuse/unmount.ts';
import { plainEnvironment } from './plain-environment.ts';

/** The process that serves a mount, and how to start it in the foreground. */
export interface ServedMountOptions {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly mountPoint: string;
  /** Where its output goes. */
  readonly log: string;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

const startPatience = 30_000;
const endPatience = 10_000;

const living = new Set<ServedMount>();

/** A mount and its process, which dies with this one. */
export class ServedMount {
  readonly process: ChildProcess;
  readonly #mountPoint: string;

  private constructor(process: ChildProcess, mountPoint: string) {
    this.process = process;
    this.#mountPoint = mountPoint;
    living.add(this);
  }

  /** Resolves when the kernel shows the mount; throws with the end of the log when the process ends before. */
  static async start(options: ServedMountOptions): Promise<ServedMount> {
    const { program, parameters, mountPoint, log, environment } = options;
    mkdirSync(mountPoint, { recursive: true });
    const output = openSync(log, 'a', 0o600);
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...parameters], {
      // Ctrl-C reaches the bench alone, which then unmounts.
      detached: true,
      env: { ...plainEnvironment(), ...environment },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const mount = new ServedMount(child, mountPoint);
    const end = Date.now() + startPatience;
    while (!(await isMounted(mountPoint))) {
      if (child.exitCode === null && Date.now() < end) await sleep(10);
      else {
        await mount.close();
        throw new Error(`${program} did not mount: ${readFileSync(log, 'utf8').slice(-1000)}`);
      }
    }
    return mount;
  }

  /** Ends every mount that was started here and not closed. */
  static async closeAll(): Promise<void> {
    for (const mount of living) await mount.close();
  }

  /** The most resident memory that the process had until now, in bytes. */
  get mostMemory(): number {
    return this.#memory('VmHWM');
  }

  /** The resident memory that the process has now, in bytes. */
  get residentMemory(): number {
    return this.#memory('VmRSS');
  }

  /** proc_pid_status(5): in units of 1024 bytes. */
  #memory(field: string): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  /** Takes the mount away, whoever uses it, and ends the process. */
  async close(): Promise<void> {
    living.delete(this);
    await unmountPath(this.#mountPoint, { lazy: true });
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), endPatience);
    await exited;
    clearTimeout(timer);
  }
}
