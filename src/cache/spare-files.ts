import type { DataFiles } from './data-files.ts';

/** So many are kept at the most. */
const most = 256;

/**
 * Data files that no row names, empty, for the next contents: file systems are slow to make a file, and slower after many were
 * deleted. Each is emptied, and then gets a new number: file systems with a journal keep that order (ext4: `data=ordered`, jbd2), so after a
 * power cut no row finds the bytes of another content.
 *
 * Only those that were made in this run are kept: a program may have one of an earlier run open.
 */
export class SpareFiles {
  readonly #files: DataFiles;
  readonly #lastBefore: number;
  readonly #numbers: number[] = [];

  /** `lastBefore`: the largest number of earlier runs. */
  constructor(files: DataFiles, lastBefore: number) {
    this.#files = files;
    this.#lastBefore = lastBefore;
  }

  /** Whether one of this number would be kept. */
  wants(content: number): boolean {
    return this.#numbers.length < most && content > this.#lastBefore;
  }

  /** Keeps a data file that nobody has open, under the number `spare`. */
  keep(content: number, spare: number): void {
    try {
      this.#files.cut(content);
      this.#files.renumber(content, spare);
      this.#numbers.push(spare);
    } catch {
      // Whatever the disk refused, there is no need to keep it.
      this.#files.remove(content);
      this.#files.remove(spare);
    }
  }

  /** The number of one that is there, which is not kept any more; undefined when there is none. */
  take(): number | undefined {
    return this.#numbers.pop();
  }

  /** Deletes all. */
  close(): void {
    for (const spare of this.#numbers.splice(0)) this.#files.remove(spare);
  }
}
