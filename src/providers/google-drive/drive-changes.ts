import { randomUUID } from 'node:crypto';
import { StoreError } from '../../store/errors.ts';
import { childOf } from '../../store/path.ts';
import type { CallOptions, Changes, ToldChange } from '../../store/store.ts';
import type { GoogleQuery } from '../google/google-client.ts';
import { faultOf } from '../google/google-error.ts';
import { allDrives } from './drive-calls.ts';
import { entryOf } from './drive-entry.ts';
import { type DriveFile, fileFields, soundFile } from './drive-file.ts';
import type { DriveTree } from './drive-tree.ts';
import { isSame, type Place, placeOf } from './known-places.ts';

/** One change as Drive tells it (https://developers.google.com/workspace/drive/api/reference/rest/v3/changes). */
interface DriveChange {
  readonly changeType?: string;
  readonly fileId?: string;
  readonly removed?: boolean;
  readonly file?: DriveFile;
}

interface ChangePage {
  readonly changes?: readonly DriveChange[];
  readonly nextPageToken?: string;
  readonly newStartPageToken?: string;
}

const changesPath = '/drive/v3/changes';
const pageSize = 1000;
/** Folders below each other; more are a circle. */
const deepest = 1000;

/**
 * `Store.changes` (https://developers.google.com/workspace/drive/api/guides/manage-changes). Drive tells the file and where it is now; where it was is
 * known of what was seen by this process (`KnownPlaces`). So a position is good for the store that gave it: to another one anything may
 * have changed. Of a folder that is moved or deleted Drive tells the folder alone.
 */
export class DriveChanges {
  readonly #tree: DriveTree;
  readonly #run: string = randomUUID();

  constructor(tree: DriveTree) {
    this.#tree = tree;
  }

  async since(position: string | undefined, options: CallOptions): Promise<Changes> {
    if (position === undefined) return await this.#fromNow(false, options);
    const [run, token = ''] = position.split('/');
    if (run !== this.#run) return await this.#fromNow(true, options);
    const page = await this.#page(token, options);
    if (page === undefined) return await this.#fromNow(true, options);
    const next = page.nextPageToken ?? page.newStartPageToken;
    if (typeof next !== 'string' || !Array.isArray(page.changes)) throw strayPage();
    const told = await this.#toldBy(page.changes, options);
    if (told === undefined) return await this.#fromNow(true, options);
    return { position: this.#positionAt(next), told, more: page.nextPageToken !== undefined, everything: false };
  }

  async #fromNow(everything: boolean, options: CallOptions): Promise<Changes> {
    const call = { operation: 'changes.getStartPageToken', method: 'GET', path: `${changesPath}/startPageToken` };
    const { calls } = this.#tree;
    const answer = await calls.client.json<{ startPageToken?: string }>({
      ...call,
      query: { ...allDrives, driveId: calls.driveId },
      signal: options.signal,
    });
    if (typeof answer.startPageToken !== 'string') throw strayPage();
    if (everything) this.#tree.places.clear();
    return { position: this.#positionAt(answer.startPageToken), told: [], more: false, everything };
  }

  /** Undefined for a token that Drive does not take any more. */
  async #page(pageToken: string, { signal }: CallOptions): Promise<ChangePage | undefined> {
    const fields = `nextPageToken,newStartPageToken,changes(changeType,fileId,removed,file(${fileFields}))`;
    const query = { pageToken, pageSize, fields, includeRemoved: 'true', ...this.#where };
    const call = { operation: 'changes.list', method: 'GET', path: changesPath, query, signal };
    try {
      return await this.#tree.calls.client.json<ChangePage>(call);
    } catch (error) {
      if ([400, 404, 410].includes(faultOf(error)?.status ?? 0)) return undefined;
      throw error;
    }
  }

  get #where(): GoogleQuery {
    const { driveId } = this.#tree.calls;
    return driveId === undefined ? allDrives : { ...allDrives, driveId, includeItemsFromAllDrives: 'true' };
  }

  #positionAt(token: string): string {
    return `${this.#run}/${token}`;
  }

  /** Undefined where a file may have been somewhere that is forgotten. */
  async #toldBy(changes: readonly DriveChange[], options: CallOptions): Promise<ToldChange[] | undefined> {
    const { places } = this.#tree;
    const told: ToldChange[] = [];
    const folders = new Folders(this.#tree, options);
    for (const { changeType = 'file', fileId, removed, file } of changes) {
      if (changeType !== 'file') continue;
      if (typeof fileId !== 'string') throw strayPage();
      const known = places.of(fileId);
      if (known.length === 0 && !places.isComplete) return undefined;
      const now = removed === true || file === undefined ? undefined : soundFile(file);
      const variants = now === undefined ? [] : this.#tree.calls.exports.variants(now);
      for (const one of placesOf(known, variants)) told.push(...(await this.#toldAt(one, variants, folders)));
      places.told(fileId, variants);
    }
    return settled(told);
  }

  /**
   * What is told of one place of a file, which is there now as one of `variants`; nothing where that is outside. A document is exported only when
   * somebody looks at it: while one is written, Drive tells of it every second.
   */
  async #toldAt(place: Place, variants: readonly DriveFile[], folders: Folders): Promise<ToldChange[]> {
    const folder = await folders.pathOf(place.folder);
    if (folder === undefined) return [];
    const path = childOf(folder, place.name);
    if (variants.length > 1 || this.#tree.places.isAmbiguous(place.folder)) return [{ path }];
    const file = variants.find((variant) => isAt(variant, place));
    return [{ path, entry: file === undefined ? null : entryOf(file, path) }];
  }
}

/** Where a file was, and where it is. */
function placesOf(known: readonly Place[], variants: readonly DriveFile[]): Place[] {
  const all = [...known];
  for (const variant of variants) {
    const place = placeOf(variant);
    if (place !== undefined && !all.some((one) => isSame(one, place))) all.push(place);
  }
  return all;
}

function isAt(file: DriveFile, place: Place): boolean {
  const present = placeOf(file);
  return present !== undefined && isSame(present, place);
}

/** The paths of folders by id, as far as they are below the root. */
class Folders {
  readonly #tree: DriveTree;
  readonly #options: CallOptions;
  readonly #asked = new Set<string>();

  constructor(tree: DriveTree, options: CallOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  async pathOf(id: string): Promise<string | undefined> {
    const root = await this.#tree.rootId(this.#options);
    const names: string[] = [];
    for (let at = id; at !== root; ) {
      const place = this.#tree.places.of(at).at(-1) ?? (await this.#learn(at));
      if (place === undefined || names.length >= deepest) return undefined;
      names.unshift(place.name);
      at = place.folder;
    }
    return `/${names.join('/')}`;
  }

  async #learn(id: string): Promise<Place | undefined> {
    if (this.#asked.has(id)) return undefined;
    this.#asked.add(id);
    const folder = await this.#tree.calls.get(id, this.#options);
    if (folder !== undefined) this.#tree.places.saw(folder);
    return this.#tree.places.of(id).at(-1);
  }
}

/** One word for each path: what stands there, where another file has left it. */
function settled(told: readonly ToldChange[]): ToldChange[] {
  const byPath = new Map<string, ToldChange>();
  for (const change of told) {
    const before = byPath.get(change.path);
    if (before === undefined) byPath.set(change.path, change);
    else if (before.entry === null) byPath.set(change.path, change);
    else if (change.entry !== null) byPath.set(change.path, { path: change.path });
  }
  return [...byPath.values()];
}

function strayPage(): StoreError {
  return new StoreError('Unavailable', { message: 'Drive did not tell what changed' });
}
