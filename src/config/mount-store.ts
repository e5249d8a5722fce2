import type { WriteBackCache } from '../cache/write-back-cache.ts';
import { type Mounted, mountFileSystem } from '../fuse/mount.ts';
import { CloudFileSystem } from '../vfs/cloud-file-system.ts';
import type { MountControl } from '../vfs/mount-control.ts';
import type { PassthroughState } from '../vfs/passthrough.ts';
import { errorsText, notUploadedText, statisticsText } from './report-texts.ts';

/** Where and how a cache is mounted. */
export interface MountStoreOptions {
  /** An empty directory. */
  readonly mountPoint: string;
  /** Other users may use the mount. @default false */
  readonly allowOther?: boolean | undefined;
  /** The kernel reads and writes cached files by itself, where it can: Linux 6.9, and only for root. @default true */
  readonly passthrough?: boolean | undefined;
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
  const stop = (): void => void late.mounted?.unmount({ lazy: true }).catch(onError);
  const control = new ProgramControl(cache, { stop, passthrough: () => fileSystem.passthrough });
  const fileSystem: CloudFileSystem = new CloudFileSystem({ control, onError });
  const { mountPoint, allowOther, passthrough } = options;
  fileSystem.attach(cache.tree, { passthrough });
  late.mounted = await mountFileSystem(fileSystem, { mountPoint, allowOther, source: 'cloudfusion', onError });
  return late.mounted;
}

/** What the control files need of their mount. */
interface ControlledMount {
  readonly stop: () => void;
  readonly passthrough: () => PassthroughState | undefined;
}

/** The control files of a mount that a program configures. */
class ProgramControl implements MountControl {
  readonly #cache: WriteBackCache;
  readonly #mount: ControlledMount;

  constructor(cache: WriteBackCache, mount: ControlledMount) {
    this.#cache = cache;
    this.#mount = mount;
  }

  configuration(): string {
    return '# A program has made this mount, and configures it. Delete this file to end the mount.\n';
  }

  async configure(): Promise<never> {
    throw new Error('a program has made this mount, and configures it');
  }

  stop(): void {
    this.#mount.stop();
  }

  statistics(): string {
    return statisticsText(this.#cache.statistics(), this.#mount.passthrough());
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
