import { isStoreError, StoreError } from '../../store/errors.ts';
import { childOf, nameOf, parentOf } from '../../store/path.ts';
import { SharedWork } from '../../http/shared-work.ts';
import type { CallOptions } from '../../store/store.ts';
import type { DriveCalls } from './drive-calls.ts';
import { byAge, type DriveFile, folderType, isFolder } from './drive-file.ts';
import { named } from './drive-query.ts';
import { KnownIds } from './known-ids.ts';
import { KnownPlaces } from './known-places.ts';
import { NameLookups } from './name-lookups.ts';
import { PathTurns } from '../../http/path-turns.ts';
import { distinctName, idsInName, isPlain } from './shown-names.ts';

/** How long a folder is taken to be where it was, in milliseconds, when something in it is asked for. */
const folderAge = 60_000;

/**
 * Paths over the files of Drive, which know only their folder. Ids that were seen are remembered: those of folders are good for
 * a minute, those of anything that is asked for itself are looked at again each time.
 */
export class DriveTree {
  readonly calls: DriveCalls;
  readonly turns: PathTurns = new PathTurns();
  readonly places: KnownPlaces = new KnownPlaces();
  readonly ids: KnownIds = new KnownIds((file) => this.places.saw(file));
  readonly #directoryTurns = new PathTurns();
  readonly #rootPath: string;
  readonly #finding = new SharedWork<string>();
  readonly #lookups: NameLookups;
  #root: string | undefined;

  /** `rootPath` is the folder that the tree begins at, `/` for all of the account or the shared drive. */
  constructor(calls: DriveCalls, rootPath: string) {
    this.calls = calls;
    this.#rootPath = rootPath;
    const titled = (name: string): string[] => [name, ...calls.exports.titles(name)];
    this.#lookups = new NameLookups((folder, names) => calls.list(named(folder, names.flatMap(titled)), {}));
  }

  /** What stands at a path; undefined where there is nothing, also when a parent is a file. */
  async find(path: string, options: CallOptions): Promise<DriveFile | undefined> {
    if (path === '/') return await this.#rootFile(options);
    return await this.fresh(path, async () => {
      const parent = await this.directoryId(parentOf(path), options);
      return parent === undefined ? undefined : await this.#child(parent, path, options);
    });
  }

  /** The id of a directory, undefined where there is none. It may be as old as a minute. */
  async directoryId(path: string, options: CallOptions): Promise<string | undefined> {
    if (path === '/') return await this.rootId(options);
    const known = this.ids.folder(path, folderAge);
    if (known !== undefined) return known;
    const found = await this.find(path, options);
    return found !== undefined && isFolder(found) ? found.id : undefined;
  }

  /** The id of a directory, which is made where it is missing, with its parents. Throws `NotADirectory`. */
  async ensureDirectory(path: string, options: CallOptions): Promise<string> {
    if (path === '/') return await this.rootId(options);
    const known = this.ids.folder(path, folderAge);
    if (known !== undefined) return known;
    const parent = await this.ensureDirectory(parentOf(path), options);
    return await this.#directoryTurns.inTurn([path], options.signal, async () => {
      const found = await this.#child(parent, path, options);
      if (found !== undefined && !isFolder(found)) throw new StoreError('NotADirectory', { path });
      if (found !== undefined) return found.id;
      const description = { name: nameOf(path), mimeType: folderType, parents: [parent] };
      const made = await this.calls.create(description, options);
      this.ids.set(path, made);
      return made.id;
    });
  }

  /** Does `work`, and once more with nothing remembered of the way to `path` when Drive does not find what it begins at. */
  async fresh<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isStoreError(error, 'NotFound')) throw error;
      this.forgetWay(path);
      return await work();
    }
  }

  /** Forgets the ids of a path and of all directories above it. */
  forgetWay(path: string): void {
    for (let at = path; at !== '/'; at = parentOf(at)) this.ids.forget(at);
  }

  /** Remembers the files of a listed directory, and forgets nothing else: what is gone is found out when it is asked for. */
  saw(directory: string, names: ReadonlyMap<DriveFile, string>): void {
    for (const [file, name] of names) {
      this.places.saw(file, name);
      if (isFolder(file)) this.ids.set(childOf(directory, name), file);
    }
  }

  async #child(parent: string, path: string, options: CallOptions): Promise<DriveFile | undefined> {
    const name = nameOf(path);
    const known = this.ids.get(path);
    const seen = known === undefined ? undefined : await this.calls.get(known, options);
    if (seen !== undefined && stands(seen, parent) && isCalled(seen, name)) return this.#remembered(path, seen);
    this.ids.forgetTree(path);
    const found = (await this.#withName(parent, name, options)) ?? (await this.#withId(parent, name, options));
    return found === undefined ? undefined : this.#remembered(path, found);
  }

  async #withName(parent: string, name: string, options: CallOptions): Promise<DriveFile | undefined> {
    return (await this.#lookups.find(parent, name, options)).sort(byAge)[0];
  }

  /** A file that is shown with its id in its name, because it is not the only one of its name. */
  async #withId(parent: string, name: string, options: CallOptions): Promise<DriveFile | undefined> {
    for (const id of idsInName(name)) {
      const file = await this.calls.get(id, options);
      if (file === undefined || !stands(file, parent) || distinctName(file) !== name) continue;
      const first = isPlain(file.name) ? await this.#withName(parent, file.name, options) : undefined;
      if (first?.id !== file.id) return file;
    }
    return undefined;
  }

  #remembered(path: string, file: DriveFile): DriveFile {
    this.ids.set(path, file);
    return file;
  }

  async #rootFile(options: CallOptions): Promise<DriveFile> {
    const root = await this.calls.get(await this.rootId(options), options);
    if (root !== undefined && !root.trashed) return root;
    this.#root = undefined;
    throw new StoreError('Unavailable', { path: '/', message: 'the folder that is mounted is gone; check `root`' });
  }

  /** The id of the folder that the tree begins at: looked for once, made where it is missing. */
  async rootId({ signal }: CallOptions): Promise<string> {
    this.#root ??= await this.#finding.do('root', () => this.#findRoot(), signal);
    return this.#root;
  }

  async #findRoot(): Promise<string> {
    const top = await this.calls.get(this.calls.driveId ?? 'root', {});
    // Not `NotFound`: that would say that every file in it was deleted.
    if (top === undefined)
      throw new StoreError('PermissionDenied', { message: 'this account has no such shared drive; check `drive_id`' });
    let folder = top.id;
    for (const name of this.#rootPath.split('/').filter((part) => part !== '')) {
      const found = await this.#withName(folder, name, {});
      if (found !== undefined && !isFolder(found))
        throw new StoreError('NotADirectory', { message: `"${name}" of \`root\` is no folder at Drive` });
      const description = { name, mimeType: folderType, parents: [folder] };
      folder = (found ?? (await this.calls.create(description, {}))).id;
    }
    return folder;
  }
}

function stands({ trashed, parents }: DriveFile, folder: string): boolean {
  return !trashed && parents?.includes(folder) === true;
}

function isCalled(file: DriveFile, name: string): boolean {
  return file.name === name || distinctName(file) === name;
}
