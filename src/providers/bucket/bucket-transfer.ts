import { isStoreError, StoreError } from '../../store/errors.ts';
import type { TransferOptions } from '../../store/store.ts';
import { assertTransfer, type Transfer } from '../../store/transfer-rules.ts';
import type { StoredFile } from './bucket.ts';
import type { BucketDeletionParts } from './bucket-deletion.ts';
import { DirectoryTransfer } from './directory-transfer.ts';
import type { EmptyFiles } from './empty-files.ts';
import type { Standing } from './standing.ts';

const triesOfMovingFiles = 3;

const rootStanding: Standing = { kind: 'directory', filled: true, markers: [], hidesFile: false };

/** What a transfer asks and changes. */
export interface BucketTransferParts extends BucketDeletionParts {
  readonly empties: EmptyFiles;
}

/** Copies and moves, at the service. */
export class BucketTransfer {
  readonly #parts: BucketTransferParts;

  constructor(parts: BucketTransferParts) {
    this.#parts = parts;
  }

  /**
   * As `Store.copy` and `Store.move`. A move is a copy and the deletion of exactly what was copied: a version that somebody
   * writes meanwhile stays at the old place and is a `Conflict`, a file that appears in a directory stays there.
   */
  async transfer(transfer: Transfer, options: TransferOptions): Promise<void> {
    if (transfer.to !== '/') this.#parts.keys.file(transfer.to);
    const source = await this.#standing(transfer.from, options);
    if (source.kind === undefined) throw new StoreError('NotFound', { path: transfer.from });
    if (source.kind === 'file') await this.#file(transfer, source.file, options);
    else await this.#directory(transfer, options);
  }

  async #standing(path: string, { signal }: TransferOptions): Promise<Standing> {
    return path === '/' ? rootStanding : this.#parts.standings.at(path, { signal });
  }

  async #file(transfer: Transfer, source: StoredFile, options: TransferOptions): Promise<void> {
    const { from, to } = transfer;
    const { placement } = this.#parts;
    if (!assertTransfer(transfer, 'file', to === '/' ? 'directory' : undefined)) return;
    if (typeof options.ifRevision !== 'string') await placement.assertFileFits(to, source.size, options);
    const copied = await this.#copyFile(transfer, source, options);
    if (transfer.operation === 'move') await this.#deleteCopied(from, copied, options);
  }

  /** Answers the version that was copied: one that is replaced before the copy is made is not there any more. */
  async #copyFile(transfer: Transfer, first: StoredFile, options: TransferOptions): Promise<StoredFile> {
    const { bucket, keys, known, standings, empties } = this.#parts;
    let source: StoredFile | undefined = first;
    for (let tries = 1; source !== undefined; tries++) {
      try {
        const version = source;
        const copy = (): Promise<StoredFile> => bucket.copy(version, keys.file(transfer.to), options);
        empties.written(await known.during(transfer.to, 'file', copy));
        return version;
      } catch (error) {
        if (!isStoreError(error, 'NotFound') || tries === triesOfMovingFiles) throw error;
      }
      source = await standings.file(transfer.from, options);
    }
    throw new StoreError('NotFound', { path: transfer.from });
  }

  async #deleteCopied(path: string, copied: StoredFile, { signal }: TransferOptions): Promise<void> {
    const { bucket, known, placement } = this.#parts;
    await placement.keepParent(path, { signal });
    const deletion = { ifRevision: copied.revision, signal };
    await known.during(path, 'nothing', () => bucket.delete(copied.key, deletion));
  }

  async #directory(transfer: Transfer, options: TransferOptions): Promise<void> {
    const { from, to, operation } = transfer;
    const { known, placement } = this.#parts;
    const target = to === from ? undefined : (await this.#standing(to, options)).kind;
    if (!assertTransfer(transfer, 'directory', target)) return;
    if (typeof options.ifRevision === 'string') throw new StoreError('Conflict', { path: to });
    await placement.assertDirectoryFits(to, options);
    const directory = new DirectoryTransfer(this.#parts, { from, to, signal: options.signal });
    await known.during(to, 'unknown', () => directory.copy());
    if (operation === 'copy') return;
    await placement.keepParent(from, options);
    await known.during(from, 'unknown', () => directory.deleteCopied());
  }
}
