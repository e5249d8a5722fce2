import { Interest } from './arrival.ts';

/** A file this near before or behind the one opened last belongs to the walk: several readers share it, and some files are left out. */
const nearFiles = 32;
/** So many files must have been opened in a row before the next ones are guessed. */
const patience = 3;
/** Of the files that were opened in a row, this many times as many are fetched in advance ... */
const growth = 4;
/** ... and never more than these, as far as they were not opened yet. */
const mostFiles = 64;
const mostBytes = 8 << 20;
/** For each file that was fetched for nothing, the walk counts so many less in a row. */
const penalty = 2;

/** What is in the way between two files that are worth it is looked through up to here, each time. */
const mostLooks = 1024;

/** A file that was fetched in advance and not opened yet. */
interface Guess {
  readonly index: number;
  readonly bytes: number;
}

/**
 * How far the next files of a directory are guessed: the same for files as `ReadAhead` is for bytes. Whoever opens one file
 * after the other, in the order of the directory, gets the next ones in advance; four times as many as he has opened. Every file
 * that was fetched for nothing makes it less, and a jump begins anew.
 */
export class DirectoryWalk {
  /** Changes with each jump: what was fetched before it is not wanted any more. */
  interest: Interest = new Interest();
  readonly #files: readonly number[];
  readonly #guesses = new Map<number, Guess>();
  #bytes = 0;
  #at = -1;
  #next = 0;
  #row = 0;

  /** The numbers of the files in the order of the directory, as it was when the walk began. */
  constructor(files: readonly number[]) {
    this.#files = files;
  }

  /** Notes that a file was opened. `elsewhere`: the walk goes on from another place, and `interest` is a new one. */
  opened(file: number): 'goes on' | 'elsewhere' | 'unknown' {
    const near = this.#find(file, this.#at - nearFiles, Math.max(this.#at, this.#next) + nearFiles);
    const index = near ?? this.#files.indexOf(file);
    if (index < 0) return 'unknown';
    if (near === undefined) {
      this.#begin(index);
      return 'elsewhere';
    }
    this.#row++;
    this.#at = Math.max(this.#at, index);
    this.#drop(file);
    for (const [passed, guess] of this.#guesses) if (guess.index < this.#at - nearFiles) this.#wasted(passed);
    return 'goes on';
  }

  /** The next files to fetch. `sizeOf`: how many bytes that is, or undefined for a file that is not worth it. */
  next(sizeOf: (file: number) => number | undefined): number[] {
    const files: number[] = [];
    if (this.#row < patience) return files;
    const most = Math.min(mostFiles, this.#row * growth);
    this.#next = Math.max(this.#next, this.#at + 1);
    for (let looks = 0; looks < mostLooks && this.#guesses.size < most; looks++) {
      const file = this.#files[this.#next];
      if (file === undefined) break;
      const bytes = sizeOf(file);
      if (bytes !== undefined) {
        if (this.#bytes + bytes > mostBytes) break;
        this.#guesses.set(file, { index: this.#next, bytes });
        this.#bytes += bytes;
        files.push(file);
      }
      this.#next++;
    }
    return files;
  }

  #begin(index: number): void {
    this.interest = new Interest();
    this.#guesses.clear();
    this.#bytes = 0;
    this.#at = index;
    this.#next = index + 1;
    this.#row = 1;
  }

  #wasted(file: number): void {
    this.#drop(file);
    this.#row = Math.max(0, this.#row - penalty);
  }

  #drop(file: number): void {
    this.#bytes -= this.#guesses.get(file)?.bytes ?? 0;
    this.#guesses.delete(file);
  }

  /** From the likeliest place on. */
  #find(file: number, from: number, to: number): number | undefined {
    if (this.#at < 0) return undefined;
    for (let index = this.#at + 1; index < to; index++) if (this.#files[index] === file) return index;
    for (let index = Math.max(0, from); index <= this.#at; index++) if (this.#files[index] === file) return index;
    return undefined;
  }
}
