import { parentOf } from '../store/path.ts';

/**
 * Which paths at the store are being changed. A change of a whole directory claims all below it too. Asking costs as much as the
 * path is deep, however many are claimed.
 */
export class PathClaims {
  readonly #paths: Map<string, number> = new Map();
  readonly #whole: Map<string, number> = new Map();
  /** Directories above claimed paths. */
  readonly #above: Map<string, number> = new Map();

  /** Whether a change of these paths would disturb none that is claimed; `whole`: of all below them too. */
  fits(paths: readonly string[], whole: boolean): boolean {
    return paths.every((path) => {
      if (this.#paths.has(path) || (whole && this.#above.has(path))) return false;
      return !directoriesAbove(path).some((directory) => this.#whole.has(directory));
    });
  }

  /** Claims paths until the answer is called. */
  claim(paths: readonly string[], whole: boolean): () => void {
    this.#count(paths, whole, 1);
    return () => this.#count(paths, whole, -1);
  }

  #count(paths: readonly string[], whole: boolean, by: 1 | -1): void {
    for (const path of paths) {
      add(this.#paths, path, by);
      if (whole) add(this.#whole, path, by);
      for (const directory of directoriesAbove(path)) add(this.#above, directory, by);
    }
  }
}

function add(counts: Map<string, number>, path: string, by: 1 | -1): void {
  const count = (counts.get(path) ?? 0) + by;
  if (count === 0) counts.delete(path);
  else counts.set(path, count);
}

function directoriesAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = path; at !== '/'; ) above.push((at = parentOf(at)));
  return above;
}
