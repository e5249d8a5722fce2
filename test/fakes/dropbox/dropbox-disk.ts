import { createHash, randomBytes } from 'node:crypto';
import { refuse } from './dropbox-refusal.ts';

/** A file or folder that the fake keeps. */
export interface StoredEntry {
  readonly id: string;
  readonly name: string;
  /** Absent for folders. */
  readonly file?: { readonly content: Buffer; readonly rev: string; readonly modified: string; readonly hash: string };
}

/** How a file is to be written, as `CommitInfo` says. */
export interface Commit {
  readonly path: string;
  readonly mode?: unknown;
  readonly strict_conflict?: boolean;
  readonly client_modified?: string;
}

/** One account's files: names keep their case, and mean the same in any. By the lower-case path; the root is left out. */
export class DropboxDisk {
  readonly entries: Map<string, StoredEntry> = new Map();
  /** Lower-case paths of all that was changed, in order. */
  readonly journal: string[] = [];
  readonly #revisions: Map<string, StoredEntry> = new Map();
  limit: number = 2 ** 40;
  #revision = 0x5f0000000;

  get used(): number {
    return [...this.entries.values()].reduce((sum, { file }) => sum + (file?.content.length ?? 0), 0);
  }

  below(path: string): [string, StoredEntry][] {
    const above = `${path.toLowerCase()}/`;
    return [...this.entries].filter(([lower]) => lower.startsWith(above)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  get(path: string): StoredEntry | undefined {
    return this.entries.get(path.toLowerCase());
  }

  /** The path of what is named by its id; of all else, itself. */
  pathOf(named: string): string {
    if (!named.startsWith('id:')) return named;
    const [lower] = [...this.entries].find(([, { id }]) => id === named) ?? refuse('path/not_found');
    return lower;
  }

  ofRevision(rev: string): StoredEntry | undefined {
    return this.#revisions.get(rev);
  }

  write(commit: Commit, content: Buffer): StoredEntry {
    const { path, mode = 'add' } = commit;
    const existing = this.get(path);
    if (existing !== undefined && existing.file === undefined) refuse('path/conflict/folder');
    const tag = typeof mode === 'string' ? mode : (mode as Record<string, unknown>)['.tag'];
    const hash = contentHashOf(content);
    const isSameContent = existing?.file?.hash === hash && commit.strict_conflict !== true;
    if (tag === 'add' && existing !== undefined && !isSameContent) refuse('path/conflict/file');
    const rev = typeof mode === 'string' ? undefined : (mode as Record<string, unknown>)['update'];
    const isGone = existing === undefined && commit.strict_conflict === true;
    if (tag === 'update' && (isGone || (existing !== undefined && existing.file?.rev !== rev)) && !isSameContent)
      refuse('path/conflict/file');
    if (this.used - (existing?.file?.content.length ?? 0) + content.length > this.limit)
      refuse('path/insufficient_space');
    this.#makeParents(path);
    const name = existing?.name ?? nameOf(path);
    const modified = commit.client_modified ?? `${new Date().toISOString().slice(0, 19)}Z`;
    return this.#put(path, { id: existing?.id ?? newId(), name, file: { content, rev: this.#next(), modified, hash } });
  }

  makeFolder(path: string): StoredEntry {
    const existing = this.get(path);
    if (existing !== undefined) refuse(`path/conflict/${existing.file === undefined ? 'folder' : 'file'}`);
    this.#makeParents(path);
    return this.#put(path, { id: newId(), name: nameOf(path) });
  }

  delete(path: string, parentRev?: string): StoredEntry {
    const found = this.get(path) ?? refuse('path_lookup/not_found');
    if (parentRev !== undefined && found.file === undefined) refuse('path_write/conflict/folder');
    if (parentRev !== undefined && found.file?.rev !== parentRev) refuse('path_write/conflict/file');
    for (const [lower] of [...this.below(path), [path.toLowerCase()] as const]) this.entries.delete(lower);
    this.journal.push(path.toLowerCase());
    return found;
  }

  relocate(from: string, to: string, isMove: boolean): StoredEntry {
    const source = this.get(from) ?? refuse('from_lookup/not_found');
    const target = this.get(to);
    if (`${to.toLowerCase()}/`.startsWith(`${from.toLowerCase()}/`) && from.toLowerCase() !== to.toLowerCase())
      refuse('cant_move_folder_into_itself');
    if (target !== undefined) refuse(`to/conflict/${target.file === undefined ? 'folder' : 'file'}`);
    this.#makeParents(to, 'to');
    const all = [[from.toLowerCase(), source] as const, ...this.below(from)];
    if (isMove) this.journal.push(from.toLowerCase());
    for (const [lower, entry] of all) {
      if (isMove) this.entries.delete(lower);
      const name = entry === source ? nameOf(to) : entry.name;
      const file = entry.file === undefined ? {} : { file: { ...entry.file, rev: this.#next() } };
      this.#put(to + lower.slice(from.length), { id: isMove ? entry.id : newId(), name, ...file });
    }
    return this.get(to) ?? refuse('to/not_found');
  }

  restore(path: string, rev: string): StoredEntry {
    const old = this.#revisions.get(rev)?.file ?? refuse('invalid_revision');
    return this.write({ path, mode: 'overwrite', client_modified: old.modified }, old.content);
  }

  #put(path: string, entry: StoredEntry): StoredEntry {
    this.entries.set(path.toLowerCase(), entry);
    this.journal.push(path.toLowerCase());
    if (entry.file !== undefined) this.#revisions.set(entry.file.rev, entry);
    return entry;
  }

  #makeParents(path: string, field: string = 'path'): void {
    for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
      const above = path.slice(0, at);
      const found = this.get(above);
      if (found?.file !== undefined) refuse(`${field}/conflict/file_ancestor`);
      if (found === undefined) this.#put(above, { id: newId(), name: nameOf(above) });
    }
  }

  #next(): string {
    return (++this.#revision).toString(16).padStart(9, '0');
  }
}

/** Blocks of 4 MiB (https://www.dropbox.com/developers/reference/content-hash). */
export function contentHashOf(content: Buffer): string {
  const all = createHash('sha256');
  for (let at = 0; at < content.length; at += 4194304)
    all.update(
      createHash('sha256')
        .update(content.subarray(at, at + 4194304))
        .digest(),
    );
  return all.digest('hex');
}

function newId(): string {
  return `id:${randomBytes(16).toString('base64url')}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
