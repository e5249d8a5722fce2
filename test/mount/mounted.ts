import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMounted } from '../../src/fuse/mount-table.ts';
import { unmountPath } from '../../src/fuse/unmount.ts';
import { DaemonProcess } from './daemon-process.ts';

const daemonScript: string = new URL('store-daemon.ts', import.meta.url).pathname;

/** Why nothing can be mounted here, or false. For the `skip` of a test. */
export const withoutFuse: string | false = await access('/dev/fuse', constants.R_OK | constants.W_OK).then(
  () => false,
  () => 'needs /dev/fuse',
);

/** How long a daemon may take to end when its mount is gone, in milliseconds. */
const exitPatience = 20_000;

/** What the daemon behind a mount is given; see `store-daemon.ts`. */
export interface DaemonOptions {
  readonly mountPoint: string;
  /** The plain directory that is the service. */
  readonly storeDirectory: string;
  readonly cacheDirectory: string;
  /** Milliseconds from a change to its upload. @default 0 */
  readonly uploadDelay?: number | undefined;
  /** The kernel reads and writes cached files itself, where it can. @default true */
  readonly passthrough?: boolean | undefined;
  /** Bytes of the cache. @default those of the cache itself */
  readonly maxBytes?: number | undefined;
  readonly hardMaxBytes?: number | undefined;
  /** Milliseconds for which listings are believed. @default that of the cache itself */
  readonly metadataTime?: number | undefined;
  /** Milliseconds after which the service is not waited for any longer. @default that of the cache itself */
  readonly timeout?: number | undefined;
  /** Without a store until `config/config` is written. @default false */
  readonly unconfigured?: boolean | undefined;
}

/** A mount of a local store through the cache, served by a child process, in a temporary directory of its own. */
export class Mounted {
  readonly directory: string;
  readonly mountPoint: string;
  readonly storeDirectory: string;
  readonly cacheDirectory: string;
  readonly #settings: Partial<DaemonOptions>;
  #daemon: DaemonProcess | undefined;

  constructor(directory: string, settings: Partial<DaemonOptions>) {
    this.directory = directory;
    this.mountPoint = join(directory, 'mount');
    this.storeDirectory = join(directory, 'store');
    this.cacheDirectory = join(directory, 'cache');
    this.#settings = settings;
  }

  /** The store in the mount. */
  get data(): string {
    return join(this.mountPoint, 'data');
  }

  get daemon(): DaemonProcess {
    if (this.#daemon === undefined) throw new Error('not mounted');
    return this.#daemon;
  }

  /** Starts the daemon, over what it left if it ran before, and waits until the kernel shows the mount. */
  async start(): Promise<void> {
    const { mountPoint, storeDirectory, cacheDirectory } = this;
    for (const path of [mountPoint, storeDirectory, cacheDirectory]) await mkdir(path, { recursive: true });
    this.#daemon = new DaemonProcess(daemonScript, { ...this.#settings, mountPoint, storeDirectory, cacheDirectory });
    await this.#daemon.answer();
    if (!(await isMounted(mountPoint))) throw new Error(`nothing is mounted at ${mountPoint}`);
  }

  /** Waits until the store has all. */
  async drain(): Promise<void> {
    await this.daemon.ask('drain');
  }

  /** What went wrong in the daemon that no request was told of. */
  async errors(): Promise<string[]> {
    return (await this.daemon.ask('errors')) as string[];
  }

  /** Unmounts, and waits for the end of the daemon. */
  async stop(): Promise<void> {
    await unmountPath(this.mountPoint);
    if (!(await this.daemon.waitForExit(exitPatience))) throw new Error('the daemon outlives its mount');
  }

  /** Kills the daemon as a crash would, and waits until somebody took its mount away. */
  async crash(): Promise<void> {
    await this.daemon.kill();
    const end = Date.now() + exitPatience;
    while (await isMounted(this.mountPoint)) {
      if (Date.now() > end) throw new Error('the mount of a dead daemon stays');
      await setTimeout(20);
    }
  }

  /** Takes the mount away, ends the daemon, and removes the directory, whatever state they are in. */
  async [Symbol.asyncDispose](): Promise<void> {
    await unmountPath(this.mountPoint, { lazy: true });
    const ended = await (this.#daemon?.waitForExit(exitPatience) ?? true);
    if (!ended) await this.#daemon?.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Mounts; whoever mounts disposes. */
export async function mountStore(settings: Partial<DaemonOptions> = {}): Promise<Mounted> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'cloudfusion-mount-')));
  const mounted = new Mounted(directory, settings);
  try {
    await mounted.start();
  } catch (error) {
    await mounted[Symbol.asyncDispose]();
    throw error;
  }
  return mounted;
}
