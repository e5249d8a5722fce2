import type { OpenFile } from '../cache/node-tree.ts';
import type { BackingFiles, OpenReply } from '../fuse/file-system.ts';

/** How the kernel gets at the content of a node that is open. */
interface IoMode {
  /** The number under which it has the data file; 0 where it asks us and keeps pages. */
  readonly backing: number;
  handles: number;
}

/**
 * Decides for each open whether the kernel reads and writes the data file itself. The kernel's rule is one of the node, not of
 * the handle (fs/fuse/iomode.c): while a node has handles with pages, new ones have pages too; while it has handles with a
 * backing file, new ones have that same file, or their open fails with EIO.
 */
export class IoModes {
  readonly #backing: BackingFiles | undefined;
  /** By the number of the node. */
  readonly #modes = new Map<number, IoMode>();

  /** Without `backing` every handle has pages. */
  constructor(backing: BackingFiles | undefined) {
    this.#backing = backing;
  }

  /** Whether files are opened directly where that is possible. */
  get areDirect(): boolean {
    return this.#backing !== undefined;
  }

  /** What the kernel is told of a file that was just opened. Throws what `openDirectly` throws. */
  begin(file: OpenFile): Pick<OpenReply, 'backing' | 'directIo' | 'keepCache'> {
    if (this.#backing === undefined) return { keepCache: true };
    const { id } = file.node;
    const present = this.#modes.get(id);
    const lent = present?.backing === 0 ? undefined : this.#lend(file, present?.backing, this.#backing);
    const backing = lent?.backing ?? 0;
    if (present === undefined) this.#modes.set(id, { backing, handles: 1 });
    else present.handles++;
    if (lent === undefined) return { keepCache: !file.takeStalePages() };
    return lent.isLimited ? { backing, directIo: true } : { backing };
  }

  /** The kernel has released a file that `begin` was told of. */
  end(file: OpenFile): void {
    const { id } = file.node;
    const mode = this.#modes.get(id);
    if (mode === undefined || --mode.handles > 0) return;
    this.#modes.delete(id);
    if (mode.backing !== 0) this.#backing?.close(mode.backing);
  }

  /** Takes all data files back; handles that have one keep it. */
  close(): void {
    for (const { backing } of this.#modes.values()) if (backing !== 0) this.#backing?.close(backing);
    this.#modes.clear();
  }

  #lend(
    file: OpenFile,
    shared: number | undefined,
    files: BackingFiles,
  ): { backing: number; isLimited: boolean } | undefined {
    const direct = file.openDirectly(shared !== undefined, (descriptor) => files.isOpenElsewhere(descriptor));
    if (direct === undefined) return undefined;
    const backing = shared ?? files.open(direct.descriptor);
    if (backing > 0) return { backing, isLimited: direct.isLimited };
    file.closeDirectly();
    return undefined;
  }
}
