import type { DriveFile } from './drive-file.ts';
import { distinctName, isPlain } from './shown-names.ts';

/** Where a file lies, as it is shown. */
export interface Place {
  /** The id of the folder. */
  readonly folder: string;
  readonly name: string;
}

const mostFiles = 200_000;

/**
 * Where files were seen since the service last told of them, by id: its feed names a file and where it is, and not where it was. Nobody
 * believes a listing that was made before this process, so a file that was never seen here has been nowhere.
 */
export class KnownPlaces {
  readonly #places = new Map<string, readonly Place[]>();
  /** Folders in which names depend on more than the file: several have one, none that a path can hold, or one that an export decides. */
  readonly #ambiguous = new Set<string>();
  #hasForgotten = false;

  /** A file that is not known has been nowhere; otherwise it may have been forgotten, there were so many. */
  get isComplete(): boolean {
    return !this.#hasForgotten;
  }

  /** A file was seen. `shown` is its name in a listing. */
  saw(file: DriveFile, shown: string = nameOf(file)): void {
    const place = placeOf(file, shown);
    if (place === undefined) return;
    if (shown !== file.name) this.#ambiguous.add(place.folder);
    const known = this.#places.get(file.id) ?? [];
    if (known.some((one) => isSame(one, place))) return;
    this.#places.set(file.id, [...known, place]);
    if (this.#places.size <= mostFiles) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
    this.#hasForgotten = true;
  }

  /** Where a file was seen, the latest last. */
  of(id: string): readonly Place[] {
    return this.#places.get(id) ?? [];
  }

  /** Whether what stands under a name of a folder depends on its other files. */
  isAmbiguous(folder: string): boolean {
    return this.#ambiguous.has(folder);
  }

  /** The service told of a file, which is there now under one of its names, or nowhere. */
  told(id: string, variants: readonly DriveFile[]): void {
    this.#places.delete(id);
    for (const file of variants) {
      this.saw(file);
      const folder = placeOf(file)?.folder;
      if (variants.length > 1 && folder !== undefined) this.#ambiguous.add(folder);
    }
  }

  /** Nobody believes any listing of before. */
  clear(): void {
    this.#places.clear();
    this.#ambiguous.clear();
    this.#hasForgotten = false;
  }
}

/** Where a file lies; undefined for what is in the trash, or in no folder. */
export function placeOf(file: DriveFile, shown: string = nameOf(file)): Place | undefined {
  const folder = file.trashed ? undefined : file.parents?.[0];
  return folder === undefined ? undefined : { folder, name: shown };
}

/** Whether two places are one. */
export function isSame(a: Place, b: Place): boolean {
  return a.folder === b.folder && a.name === b.name;
}

function nameOf(file: DriveFile): string {
  return isPlain(file.name) ? file.name : distinctName(file);
}
