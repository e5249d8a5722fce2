import { isInside, parentOf } from '../../src/store/path.ts';

/** What stands at a path. A directory's version is its number and never changes. */
export interface Held {
  readonly kind: 'file' | 'directory';
  readonly version: number;
  /** Files: of the metadata, the part that is looked at. */
  readonly mode: number;
}

/**
 * A store that allows less than any real one: parents must exist, nothing is done twice, a file is replaced or deleted only
 * by who names its version, and a directory is neither replaced nor deleted with something in it.
 */
export class StrictStore {
  readonly held: Map<string, Held>;

  constructor(held: Iterable<readonly [string, Held]> = []) {
    this.held = new Map(held);
  }

  get versions(): Set<number> {
    return new Set([...this.held.values()].map(({ version }) => version));
  }

  makeDirectory(path: string, version: number): void {
    this.#assertParent(path);
    refuseIf(this.held.has(path), `makeDirectory ${path}: something stands there`);
    this.held.set(path, { kind: 'directory', version, mode: 0 });
  }

  /** `replaced`: the version that stands there; undefined for none. */
  write(path: string, version: number, mode: number, replaced: number | undefined): void {
    this.#assertParent(path);
    this.#assertStanding(`write ${path}`, path, replaced);
    this.held.set(path, { kind: 'file', version, mode });
  }

  setMode(path: string, version: number | undefined, mode: number): void {
    this.#assertStanding(`setMode ${path}`, path, version);
    refuseIf(version === undefined, `setMode ${path}: nothing stands there`);
    this.held.set(path, { kind: 'file', version: version as number, mode });
  }

  move(from: string, to: string, replaced: number | undefined): void {
    const moved = this.held.get(from);
    refuseIf(moved === undefined, `move ${from}: nothing stands there`);
    if (from === to) return;
    refuseIf(isInside(to, from), `move ${from} into itself, ${to}`);
    this.#assertParent(to);
    this.#assertStanding(`move ${from} to ${to}`, to, replaced);
    refuseIf(replaced !== undefined && moved?.kind === 'directory', `move ${from}: a directory onto the file ${to}`);
    const below = this.held.entries().filter(([path]) => path === from || isInside(path, from));
    for (const [path, held] of below.toArray()) {
      this.held.delete(path);
      this.held.set(to + path.slice(from.length), held);
    }
  }

  delete(path: string, version: number | undefined): void {
    const held = this.held.get(path);
    refuseIf(held === undefined, `delete ${path}: nothing stands there`);
    refuseIf(held?.version !== version, `delete ${path}: another version`);
    for (const other of this.held.keys())
      refuseIf(isInside(other, path) && other !== path, `delete ${path}: not empty`);
    this.held.delete(path);
  }

  #assertParent(path: string): void {
    const parent = parentOf(path);
    refuseIf(parent !== '/' && this.held.get(parent)?.kind !== 'directory', `${path}: the parent is no directory`);
  }

  #assertStanding(operation: string, path: string, version: number | undefined): void {
    const standing = this.held.get(path);
    refuseIf(standing?.kind === 'directory', `${operation}: a directory stands there`);
    const found = standing?.kind === 'file' ? standing.version : undefined;
    refuseIf(found !== version, `${operation}: finds version ${found}, expects ${version}`);
  }
}

function refuseIf(refused: boolean, message: string): void {
  if (refused) throw new Error(message);
}
