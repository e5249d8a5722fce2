import { randomBytes } from 'node:crypto';
import { DriveChangeLog } from './drive-change-log.ts';
import { exportLinks } from './drive-export-formats.ts';
import { driveFault } from './drive-fault.ts';
import { putContent, resourceOf, type StoredDriveFile } from './stored-drive-file.ts';

export const folderType = 'application/vnd.google-apps.folder';

/** What a request says about a file; null removes a property. */
export interface Described {
  readonly id?: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly parents?: readonly string[];
  readonly modifiedTime?: string;
  readonly trashed?: boolean;
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** The files of an account, with those of one shared drive. */
export class DriveDisk {
  readonly files: Map<string, StoredDriveFile> = new Map();
  readonly rootId: string = `0A${randomBytes(12).toString('base64url')}PVA`;
  readonly sharedDriveId: string = `0A${randomBytes(12).toString('base64url')}SDA`;
  /** How the addresses in answers begin: of upload sessions, and of exports. */
  addresses: string = '';
  /** Bytes that fit. */
  limit: number = 15 * 1024 ** 3;
  /** How many contents arrive with one wrong byte. */
  damages: number = 0;
  /** Each export of a document has other bytes, as dates in them make it. */
  exportsDiffer: boolean = false;
  readonly changes: DriveChangeLog = new DriveChangeLog();
  readonly #reserved = new Set<string>();
  #clock = 0;

  constructor() {
    for (const id of [this.rootId, this.sharedDriveId])
      this.files.set(id, this.#blank(id, { name: 'My Drive', mimeType: folderType }, []));
  }

  reserveIds(count: number): string[] {
    const ids = Array.from({ length: count }, () => `1${randomBytes(24).toString('base64url')}`);
    for (const id of ids) this.#reserved.add(id);
    return ids;
  }

  /** The file of an id; what lies in a shared drive only for who asks there too. */
  file(id: string, supportsAllDrives: boolean): StoredDriveFile {
    const file = this.files.get(id === 'root' ? this.rootId : id);
    if (file === undefined || (!supportsAllDrives && this.isShared(file)))
      throw driveFault(404, 'notFound', `File not found: ${id}.`);
    return file;
  }

  create(described: Described, content: Buffer | undefined, all: boolean): StoredDriveFile {
    const [parent = this.rootId, ...more] = described.parents ?? [];
    if (more.length > 0) throw driveFault(400, 'badRequest', 'A file can be in one folder only.');
    const folder = this.file(parent, all);
    if (folder.mimeType !== folderType)
      throw driveFault(403, 'parentNotAFolder', 'The specified parent is not a folder.');
    const id = described.id ?? this.reserveIds(1)[0] ?? '';
    if (this.files.has(id)) throw driveFault(409, 'fileIdInUse', 'A file already exists with the provided ID.');
    if (!this.#reserved.delete(id)) throw driveFault(400, 'invalid', 'The provided file ID is not usable.');
    const file = this.#blank(id, described, [folder.id]);
    if (content !== undefined) this.#put(file, content);
    this.files.set(id, file);
    this.changes.note(id, this.isShared(file));
    return file;
  }

  update(file: StoredDriveFile, described: Described, content?: Buffer): void {
    if (described.id !== undefined)
      throw driveFault(403, 'fieldNotWritable', 'The resource body includes fields which are not directly writable.');
    if (described.parents !== undefined)
      throw driveFault(
        403,
        'fieldNotWritable',
        'The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.',
      );
    if (content !== undefined) this.#put(file, content);
    file.name = described.name ?? file.name;
    file.trashed = described.trashed ?? file.trashed;
    file.modifiedTime = described.modifiedTime ?? (content === undefined ? file.modifiedTime : this.now());
    file.properties = merged(file.properties, described.properties);
    file.version++;
    this.changes.note(file.id, this.isShared(file));
  }

  /** Somebody writes in a document of Google's editors. */
  edit(file: StoredDriveFile, text: string): void {
    file.text = text;
    file.modifiedTime = this.now();
    file.version++;
    this.changes.note(file.id, this.isShared(file));
  }

  move(file: StoredDriveFile, added: string | null, removed: string | null, all: boolean): void {
    for (const id of removed === null ? [] : removed.split(','))
      file.parents = file.parents.filter((own) => own !== id);
    if (added === null) return;
    const folder = this.file(added, all);
    for (let at: StoredDriveFile | undefined = folder; at !== undefined; at = this.files.get(at.parents[0] ?? ''))
      if (at === file) throw driveFault(403, 'cannotAddParent', 'A folder cannot be moved into itself.');
    if (file.parents.length > 0)
      throw driveFault(403, 'cannotAddParent', 'Increasing the number of parents is not allowed');
    file.parents = [folder.id];
    this.changes.note(file.id, this.isShared(file));
  }

  /** Of what lay in a folder nothing is told but of the folder. */
  delete(file: StoredDriveFile): void {
    this.changes.note(file.id, this.isShared(file));
    this.#remove(file);
  }

  #remove(file: StoredDriveFile): void {
    for (const child of this.files.values()) if (child.parents.includes(file.id)) this.#remove(child);
    this.files.delete(file.id);
  }

  isTrashed(file: StoredDriveFile): boolean {
    const parent = this.files.get(file.parents[0] ?? '');
    return file.trashed || (parent !== undefined && this.isTrashed(parent));
  }

  isShared(file: StoredDriveFile): boolean {
    const parent = this.files.get(file.parents[0] ?? '');
    return file.id === this.sharedDriveId || (parent !== undefined && this.isShared(parent));
  }

  resource(file: StoredDriveFile): Record<string, unknown> {
    return { ...resourceOf(file, this.isTrashed(file)), ...exportLinks(file.id, file.mimeType, this.addresses) };
  }

  get used(): number {
    return bytesOf(this.files.values());
  }

  get usedByTrash(): number {
    return bytesOf(this.files.values().filter((file) => this.isTrashed(file)));
  }

  /** Each moment is another one, so that ages can be told. */
  now(): string {
    this.#clock = Math.max(Date.now(), this.#clock + 1);
    return new Date(this.#clock).toISOString();
  }

  #put(file: StoredDriveFile, content: Buffer): void {
    if (this.used + content.length > this.limit)
      throw driveFault(403, 'storageQuotaExceeded', "The user's Drive storage quota has been exceeded.");
    const arrived = Buffer.from(content);
    if (this.damages > 0 && this.damages-- > 0) arrived[0] = (arrived[0] ?? 0) ^ 1;
    putContent(file, arrived);
  }

  #blank(id: string, described: Described, parents: string[]): StoredDriveFile {
    const now = this.now();
    const { name = 'Untitled', mimeType = 'application/octet-stream', modifiedTime = now, properties } = described;
    const times = { createdTime: now, modifiedTime };
    const nothing = {
      content: undefined,
      text: '',
      headRevisionId: undefined,
      revisions: new Map(),
      shortcut: undefined,
    };
    const kept = merged({}, properties);
    return { id, name, mimeType, parents, ...times, ...nothing, trashed: false, properties: kept, version: 1 };
  }
}

function merged(
  before: Record<string, string>,
  changes: Readonly<Record<string, string | null>> = {},
): Record<string, string> {
  const all = Object.entries({ ...before, ...changes }).filter((pair): pair is [string, string] => pair[1] !== null);
  if (all.length > 30) throw driveFault(403, 'propertiesLimitExceeded', 'Too many properties.');
  for (const [name, value] of all)
    if (Buffer.byteLength(name + value) > 124) throw driveFault(400, 'badRequest', 'A property is too long.');
  return Object.fromEntries(all);
}

function bytesOf(files: Iterable<StoredDriveFile>): number {
  return Array.from(files, ({ content }) => content?.length ?? 0).reduce((sum, bytes) => sum + bytes, 0);
}
