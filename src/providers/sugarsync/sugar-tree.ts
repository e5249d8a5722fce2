import { PathTurns } from '../../http/path-turns.ts';
import { SharedWork } from '../../http/shared-work.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { nameOf, parentOf } from '../../store/path.ts';
import type { CallOptions } from '../../store/store.ts';
import { KnownChildren } from './known-children.ts';
import type { SugarCalls } from './sugar-calls.ts';
import { makeFolder } from './sugar-making.ts';
import { assertTaken, folded } from './sugar-names.ts';
import { isTop, isUnfinished, type SugarFolder, type SugarResource } from './sugar-resource.ts';

/** How long a folder is taken to be where it was, in milliseconds, when something in it is asked for. */
const folderAge = 10_000;
/** How long a name that a listing did not tell is taken to be free for a new file, in milliseconds. */
const absentAge = 2000;

/**
 * Paths over the resources of SugarSync, which know only their folder. To find a name its folder is listed; what was found once is
 * asked for by itself afterwards.
 */
export class SugarTree {
  readonly calls: SugarCalls;
  readonly known: KnownChildren = new KnownChildren();
  readonly #turns = new PathTurns();
  readonly #listing = new SharedWork<SugarResource[]>();
  readonly #finding = new SharedWork<SugarFolder>();
  readonly #rootPath: string;
  #root: SugarFolder | undefined;

  /** `rootPath` is the folder that the tree begins at, `/` for the list of sync folders. */
  constructor(calls: SugarCalls, rootPath: string) {
    this.calls = calls;
    this.#rootPath = rootPath;
  }

  /** What stands at a path; undefined where there is nothing, also when a parent is a file. */
  async find(path: string, options: CallOptions): Promise<SugarResource | undefined> {
    if (path === '/') return await this.#rootNow(options);
    return await this.fresh(async () => {
      const parent = await this.#folder(parentOf(path), options);
      const found = parent === undefined ? undefined : await this.child(parent, nameOf(path), options);
      return found === undefined || isUnfinished(found) ? undefined : found;
    });
  }

  /**
   * What has this name in a folder, unfinished files among it. For a new file (`isNew`) it is enough that there was nothing of this
   * name two seconds ago.
   */
  async child(
    parent: SugarFolder,
    name: string,
    options: CallOptions,
    isNew: boolean = false,
  ): Promise<SugarResource | undefined> {
    const known = this.known.called(parent.ref, name);
    if (known !== undefined && !isTop(parent) && !isUnfinished(known)) {
      const now = await this.calls.get(known.ref, options);
      if (now !== undefined && now.parent === parent.ref && folded(now.name) === folded(name)) {
        this.known.put(parent.ref, now);
        return now;
      }
      this.known.remove(parent.ref, known.ref);
    }
    if (isNew && this.known.isYoung(parent.ref, absentAge)) return this.known.called(parent.ref, name);
    await (isNew ? this.#listedTogether(parent, options) : this.children(parent, options));
    return this.known.called(parent.ref, name);
  }

  /** All that a folder holds now. */
  async children(folder: SugarFolder, options: CallOptions): Promise<SugarResource[]> {
    const found = await this.known.listing(folder.ref, () => this.calls.contents(folder, options));
    if (!isTop(folder)) return found;
    const { deleted } = await this.calls.account(options);
    if (deleted !== undefined) this.known.remove(folder.ref, deleted);
    return found.filter(({ ref }) => ref !== deleted);
  }

  /** The folder at a path as it is now. Throws `NotFound`, and `NotADirectory` for a file. */
  async folder(path: string, options: CallOptions): Promise<SugarFolder> {
    const found = await this.find(path, options);
    if (found === undefined) throw new StoreError('NotFound', { path });
    if (found.kind === 'file') throw new StoreError('NotADirectory', { path });
    return found;
  }

  /** The folder at a path, which is made where it is missing, with its parents. Throws `NotADirectory`. */
  async ensureFolder(path: string, options: CallOptions): Promise<SugarFolder> {
    if (path === '/') return await this.#rootFolder(options);
    assertTaken(path);
    const parent = await this.ensureFolder(parentOf(path), options);
    const known = this.#knownFolder(parent, nameOf(path));
    if (known !== undefined) return known;
    return await this.inTurn([`${path}/`], options, async () => {
      const found = await this.child(parent, nameOf(path), options, true);
      if (found?.kind === 'folder') return found;
      if (found !== undefined && !isUnfinished(found)) throw new StoreError('NotADirectory', { path });
      if (found !== undefined) await this.calls.remove(found, options);
      return await makeFolder(this, { name: nameOf(path), parent }, options);
    });
  }

  /** Does `work`, and once more with nothing remembered when the service does not find what it begins at. */
  async fresh<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isStoreError(error, 'NotFound')) throw error;
      this.known.forget();
      return await work();
    }
  }

  /** Does `work` when all earlier work for these paths, in any spelling, has ended. */
  async inTurn<T>(paths: readonly string[], { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    return await this.#turns.inTurn([...new Set(paths.map(folded))].sort(), signal, work);
  }

  /** A folder that was seen at most ten seconds ago. */
  #knownFolder(parent: SugarFolder, name: string): SugarFolder | undefined {
    const known = this.known.called(parent.ref, name, folderAge);
    return known?.kind === 'folder' ? known : undefined;
  }

  /** The folder at a path; it may be as old as ten seconds. */
  async #folder(path: string, options: CallOptions): Promise<SugarFolder | undefined> {
    if (path === '/') return await this.#rootFolder(options);
    const parent = await this.#folder(parentOf(path), options);
    if (parent === undefined) return undefined;
    const found = this.#knownFolder(parent, nameOf(path)) ?? (await this.child(parent, nameOf(path), options));
    return found?.kind === 'folder' ? found : undefined;
  }

  /** However many files are made in a folder at once, it is listed once for all of them. */
  async #listedTogether(folder: SugarFolder, { signal }: CallOptions): Promise<void> {
    await this.#listing.do(folder.ref, () => this.children(folder, {}), signal);
  }

  async #rootNow(options: CallOptions): Promise<SugarFolder> {
    const root = await this.#rootFolder(options);
    if (isTop(root)) await this.children(root, options);
    else if ((await this.calls.get(root.ref, options)) === undefined) {
      this.#root = undefined;
      this.known.forget();
      // Not `NotFound`: that would say that every file in it was deleted.
      throw new StoreError('Unavailable', { path: '/', message: 'the folder that is mounted is gone; check `root`' });
    }
    return root;
  }

  /** Looked for once. Made where it is missing. */
  async #rootFolder({ signal }: CallOptions): Promise<SugarFolder> {
    this.#root ??= await this.#finding.do('root', () => this.#findRoot(), signal);
    return this.#root;
  }

  async #findRoot(): Promise<SugarFolder> {
    const { top } = await this.calls.account({});
    let folder: SugarFolder = { kind: 'folder', ref: top, name: '' };
    for (const name of this.#rootPath.split('/').filter((part) => part !== '')) {
      const found = await this.child(folder, name, {});
      if (found?.kind === 'file')
        throw new StoreError('NotADirectory', { message: `"${name}" of \`root\` is no folder at SugarSync` });
      folder = found ?? (await makeFolder(this, { name, parent: folder }, {}));
    }
    return folder;
  }
}
