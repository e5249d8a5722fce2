import { mkdir } from 'node:fs/promises';
import { unmountPath } from '../../../src/fuse/unmount.ts';
import { DaemonProcess } from '../../mount/daemon-process.ts';
import type { NameRules } from './volatile-file-system.ts';

const script: string = new URL('power-daemon.ts', import.meta.url).pathname;
/** Milliseconds. */
const exitPatience = 10_000;

/** What the process behind a `PoweredDisk` is given. */
export interface PowerOptions extends NameRules {
  readonly mountPoint: string;
}

/** A mounted disk whose power can be cut, served by a process of its own. */
export class PoweredDisk implements AsyncDisposable {
  readonly mountPoint: string;
  readonly #process: DaemonProcess;

  private constructor(options: PowerOptions) {
    this.mountPoint = options.mountPoint;
    this.#process = new DaemonProcess(script, options);
  }

  /** Mounts an empty one; its directory is made. */
  static async start(options: PowerOptions): Promise<PoweredDisk> {
    await mkdir(options.mountPoint, { recursive: true });
    const disk = new PoweredDisk(options);
    try {
      await disk.#process.answer();
    } catch (error) {
      await disk[Symbol.asyncDispose]();
      throw error;
    }
    return disk;
  }

  /** The power goes: of what is not durable, each page and each change of a name is kept with the probability `part`. Nothing is durable any more. */
  async cut(seed: number, part: number): Promise<void> {
    await this.#process.ask('cut', String(seed), String(part));
  }

  /** The power is back. Nobody may have anything open. */
  async restart(): Promise<void> {
    await this.#process.ask('restart');
  }

  /** What went wrong in the disk itself. */
  async errors(): Promise<string[]> {
    return (await this.#process.ask('errors')) as string[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await unmountPath(this.mountPoint, { lazy: true });
    this.#process.child.stdin?.end();
    if (!(await this.#process.waitForExit(exitPatience))) await this.#process.kill();
  }
}
