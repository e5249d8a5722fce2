import { fsync } from 'node:fs';
import { promisify } from 'node:util';
import { DataFiles } from './data-files.ts';
import { diskFull } from './disk-full.ts';
import { FullDiskRetry } from './full-disk-retry.ts';
import { DataFileContent, type HeldContent, InlineContent } from './held-content.ts';
import type { ContentFigures, InlineContents } from './inline-contents.ts';
import { LentFiles } from './lent-files.ts';
import type { OpenElsewhere } from './node-tree.ts';
import { SpareFiles } from './spare-files.ts';

/**
 * The contents, by number: small ones in the database, others in data files, always exactly as long as the file they are the
 * content of. Which of the bytes are real is the node's business (`Node.present`).
 *
 * A content is made before the row of the node that names it and removed after, so a content without a node is garbage, and a node
 * without its content is damage. One that grows out of the database is whole in its data file before its row goes: where both
 * are found, the row is the content.
 */
export class Contents {
  readonly files: DataFiles;
  readonly #inline: InlineContents;
  readonly #spares: SpareFiles;
  readonly #held = new Map<number, { form: HeldContent; users: number }>();
  /** Those of this run for which a data file was made before their size was known. */
  readonly #made = new Set<number>();
  /** Those of this run that nobody has synced: a power cut may take them. */
  readonly #unsynced = new Set<number>();
  readonly #lent: LentFiles;
  #last: number;
  readonly #retry: FullDiskRetry;

  /** `last`: the largest number ever given. */
  constructor(directory: string, inline: InlineContents, last: number) {
    this.files = new DataFiles(directory);
    this.#lent = new LentFiles(this.files);
    this.#spares = new SpareFiles(this.files, last);
    this.#inline = inline;
    this.#retry = new FullDiskRetry(() => inline.isInTransaction);
    this.#last = last;
  }

  /**
   * Makes a content of `size` zeros and answers its number. It stays open until the next microtask, so that who makes one and
   * acquires it at once pays for one open. Throws `QuotaExceeded`.
   */
  create(size: number): number {
    if (!this.#inline.takes(size)) return this.createFile(size);
    const content = ++this.#last;
    const [bytes, modified] = [new Uint8Array(size), Date.now()];
    this.#retry.run(() => this.#inline.save(content, bytes, modified));
    this.#unsynced.add(content);
    return this.#holdShortly(content, new InlineContent(content, this.#inline, bytes, modified));
  }

  /** As `create`, in a data file however small it is. */
  createFile(size: number): number {
    const spare = this.#spares.take();
    const content = spare ?? ++this.#last;
    const open = (): number => (spare === undefined ? this.files.create(content) : this.files.open(content));
    const file = new DataFileContent(this.#retry.run(open));
    if (size > 0) this.#retry.run(() => file.truncate(size));
    this.#made.add(content);
    this.#unsynced.add(content);
    return this.#holdShortly(content, file);
  }

  /** Makes a content with the same bytes. */
  duplicate(content: number): number {
    const bytes = this.#inlineBytes(content);
    const copy = ++this.#last;
    this.#retry.run(() => {
      if (bytes === undefined) this.files.copy(content, copy);
      else this.#inline.save(copy, bytes, Date.now());
    });
    return copy;
  }

  /** Whether a data file that `createFile` made in this run has no more than belongs into the database. */
  isTooSmall(content: number, size: number): boolean {
    return this.#made.has(content) && (size === 0 || this.#inline.takes(size));
  }

  /** Makes a content in the database with the `size` bytes of a small data file; undefined where that has others by now. */
  duplicateSmall(content: number, size: number): number | undefined {
    const bytes = this.files.read(content);
    if (bytes.length !== size) return undefined;
    const copy = ++this.#last;
    this.#retry.run(() => this.#inline.save(copy, bytes, Date.now()));
    if (this.#unsynced.has(content)) this.#unsynced.add(copy);
    return copy;
  }

  /** Programs get the data file itself. */
  lend(content: number, isOpenElsewhere: OpenElsewhere | undefined): void {
    this.#lent.add(content, isOpenElsewhere);
  }

  /** Whether a program has the data file, mapped perhaps long after it was closed; undefined where nobody can tell. */
  isInPrograms(content: number): boolean | undefined {
    const held = this.#held.get(content)?.form;
    return this.#lent.isInPrograms(content, held instanceof DataFileContent ? held.descriptor : undefined);
  }

  /** Keeps a content open until as many `release`s. */
  acquire(content: number): void {
    let held = this.#held.get(content);
    if (held === undefined) this.#held.set(content, (held = { form: this.#open(content), users: 0 }));
    held.users++;
  }

  release(content: number): void {
    const held = this.#held.get(content);
    if (held === undefined) return;
    held.users--;
    this.#closeIdle(content);
  }

  /** Reads at a position; fewer bytes only at the end. The content is acquired. */
  read(content: number, into: Uint8Array, offset: number): number {
    return this.#formOf(content).read(into, offset);
  }

  /** Writes all of `data` at a position. Throws `QuotaExceeded` when the disk is full. The content is acquired. */
  write(content: number, data: Uint8Array, offset: number): void {
    this.#growTo(content, offset + data.length);
    this.#retry.run(() => this.#formOf(content).write(data, offset));
  }

  truncate(content: number, size: number): void {
    this.#with(content, () => {
      this.#growTo(content, size);
      this.#retry.run(() => this.#formOf(content).truncate(size));
    });
  }

  /** Size, modification time and room on the disk; undefined when it is missing. */
  inspect(content: number): ContentFigures | undefined {
    return this.#held.get(content)?.form.inspect() ?? this.files.inspect(content) ?? this.#inline.inspect(content);
  }

  /** Whether it is in the database. */
  isInline(content: number): boolean {
    const form = this.#held.get(content)?.form;
    return form === undefined ? this.#inline.inspect(content) !== undefined : form instanceof InlineContent;
  }

  /** The descriptor of the data file of a content that is acquired; undefined where it has none. */
  descriptorOf(content: number): number | undefined {
    const form = this.#formOf(content);
    return form instanceof DataFileContent ? form.descriptor : undefined;
  }

  /** The path of the data file, which a content in the database gets now. Throws `QuotaExceeded`. */
  fileOf(content: number): string {
    this.#with(content, () => this.#moveToFile(content));
    return this.files.pathOf(content);
  }

  /** Sets the modification time of a data file some seconds back, so that the next write moves it. The content is acquired. */
  makeOlder(content: number): void {
    const form = this.#formOf(content);
    if (form instanceof DataFileContent) form.makeOlder();
  }

  /** Bytes in the data file survive a power cut when the promise resolves; those in the database need it to be made durable. */
  async sync(content: number): Promise<void> {
    this.acquire(content);
    this.#unsynced.delete(content);
    try {
      const form = this.#formOf(content);
      if (!(form instanceof DataFileContent)) return;
      await promisify(fsync)(form.descriptor);
      await this.files.syncName(content);
    } finally {
      this.release(content);
    }
  }

  /** As `sync`, when it returns. */
  syncNow(content: number): void {
    this.#unsynced.delete(content);
    this.#with(content, () => {
      const form = this.#formOf(content);
      if (form instanceof DataFileContent) this.files.syncNow(content, form.descriptor);
    });
  }

  /** Removes a content; who has it open keeps reading. */
  remove(content: number): void {
    this.#unsynced.delete(content);
    this.#made.delete(content);
    this.#lent.forget(content);
    const form = this.#held.get(content)?.form;
    form?.removed();
    if (form instanceof DataFileContent || !this.#removeInline(content)) this.files.remove(content);
    this.#closeIdle(content);
  }

  /** On a full disk it is left: as garbage that the next opening sweeps. */
  #removeInline(content: number): boolean {
    try {
      return this.#inline.remove(content);
    } catch (error) {
      if (diskFull(error) === undefined) throw error;
      return true;
    }
  }

  /** As `remove`, of a content that no program of this run can reach any more: its data file may go to another content. */
  recycle(content: number): void {
    const isKept = !this.#held.has(content) && this.#spares.wants(content) && !this.isInline(content);
    if (!isKept || this.isInPrograms(content) !== false) return this.remove(content);
    this.#unsynced.delete(content);
    this.#made.delete(content);
    this.#lent.forget(content);
    this.#spares.keep(content, ++this.#last);
  }

  close(): void {
    this.#spares.close();
    for (const { form } of this.#held.values()) form.close();
    this.#held.clear();
  }

  /** `makeRoom` is asked for room on a full disk before a call fails; it answers whether trying again makes sense. */
  whenFull(makeRoom: () => boolean): void {
    this.#retry.whenFull(makeRoom);
  }

  #open(content: number): HeldContent {
    const row = this.#inline.load(content);
    return row === undefined
      ? new DataFileContent(this.files.open(content))
      : new InlineContent(content, this.#inline, row.bytes, row.modified);
  }

  #inlineBytes(content: number): Uint8Array | undefined {
    const form = this.#held.get(content)?.form;
    if (form === undefined) return this.#inline.load(content)?.bytes;
    return form instanceof InlineContent ? form.bytes : undefined;
  }

  /** A content that becomes too large for the database goes into a data file first. */
  #growTo(content: number, size: number): void {
    if (this.#formOf(content) instanceof InlineContent && !this.#inline.takes(size)) this.#moveToFile(content);
  }

  #moveToFile(content: number): void {
    const held = this.#held.get(content);
    if (!(held?.form instanceof InlineContent)) return;
    const { bytes, isRemoved } = held.form;
    const file = new DataFileContent(this.#retry.run(() => this.files.create(content)));
    try {
      this.#retry.run(() => file.write(bytes, 0));
      // The next sync of anything makes durable that the row is gone.
      if (!this.#unsynced.has(content)) this.files.syncNow(content, file.descriptor);
    } catch (error) {
      file.close();
      this.files.remove(content);
      throw error;
    }
    if (isRemoved) this.files.remove(content);
    else this.#inline.remove(content);
    held.form = file;
  }

  #formOf(content: number): HeldContent {
    const held = this.#held.get(content);
    if (held === undefined) throw new TypeError(`content ${content} is not acquired`);
    return held.form;
  }

  #holdShortly(content: number, form: HeldContent): number {
    this.#held.set(content, { form, users: 0 });
    queueMicrotask(() => this.#closeIdle(content));
    return content;
  }

  #with(content: number, work: () => void): void {
    this.acquire(content);
    try {
      work();
    } finally {
      this.release(content);
    }
  }

  #closeIdle(content: number): void {
    const held = this.#held.get(content);
    if (held === undefined || held.users > 0) return;
    this.#held.delete(content);
    held.form.close();
  }
}
