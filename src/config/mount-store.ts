import type { WriteBackCache } from '../cache/write-back-cache.ts';
import { type Mounted, mountFileSystem } from '../fuse/mount.ts';
import { CloudFileSystem } from '../vfs/cloud-file-system.ts';
import type { MountControl } from '../vfs/mount-control.ts';
import { errorsText, notUploadedText, statisticsText } from './report-texts.ts';

/** Where and how a cache is mounted. */
export interface MountStoreOptions {
  /** An empty directory. */
  readonly mountPoint: string;
  /** Other users may use the mount. @default false */
  readonly allowOther?: boolean | undefined;
  /** Told of failures that no other program sees. @default a process warning */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * Mounts a cache, and with it any store, from a program: its files are in `data` of the mount, its figures in `stats`. The
 * cache stays open when the mount ends; close it then. This process must never touch the mount with synchronous calls, nor spawn
 * a program with its working directory there: it would wait for itself. Throws `MountError`.
 */
export async function mountStore(cache: WriteBackCache, options: MountStoreOptions): Promise<Mounted> {
  const late: { mounted?: Mounted } = {};
  const onError = options.onError ?? warn;
  const control = new ProgramControl(cache, () => void late.mounted?.unmount({ lazy: true }).catch(onError));
  const fileSystem = new CloudFileSystem({ control, onError });
  fileSystem.attach(cache.tree);
  const { mountPoint, allowOther } = options;
  late.mounted = await mountFileSystem(fileSystem, { mountPoint, allowOther, source: 'cloudfusion', onError });
  return late.mounted;
}

/** The control files of a mount that a program configures. */
class ProgramControl implements MountControl {
  readonly #cache: WriteBackCache;
  readonly #stop: () => void;

  constructor(cache: WriteBackCache, stop: () => void) {
    this.#cache = cache;
    this.#stop = stop;
  }

  configuration(): string {
    return '# A program has made this mount, and configures it. Delete this file to end the mount.\n';
  }

  async configure(): Promise<never> {
    throw new Error('a program has made this mount, and configures it');
  }

  stop(): void {
    this.#stop();
  }

  statistics(): string {
    return statisticsText(this.#cache.statistics());
  }

  errors(): string {
    const { failures } = this.#cache.statistics();
    return errorsText({ failures, problems: this.#cache.problems() }, Date.now());
  }

  notUploaded(): string {
    return notUploadedText(this.#cache.pending());
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
