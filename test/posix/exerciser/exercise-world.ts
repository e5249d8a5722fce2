import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ExerciseSubject } from './exercise-subject.ts';
import { FileModel } from './file-model.ts';

/** An open descriptor, and the file that it should be. */
export interface OpenModel {
  readonly descriptor: number;
  readonly file: FileModel;
  readonly label: string;
  readonly appends: boolean;
}

const names = ['a', 'b', 'folder/c', 'folder/d'] as const;
const trailLength = 60;

/** The directory that is exercised beside what it should hold. */
export class ExerciseWorld {
  readonly subject: ExerciseSubject;
  readonly files: Map<string, FileModel> = new Map();
  readonly open: OpenModel[] = [];
  readonly #random: () => number;
  readonly #trail: string[] = [];
  #count = 0;

  constructor(subject: ExerciseSubject, random: () => number) {
    this.subject = subject;
    this.#random = random;
    mkdirSync(this.path('folder'), { recursive: true });
  }

  path(name: string): string {
    return join(this.subject.directory, name);
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Any name, whether there is a file or not. */
  anyName(): string {
    return this.pick(names);
  }

  /** A file with its name, or undefined while there is none. */
  anyFile(): [string, FileModel] | undefined {
    const all = [...this.files];
    return all.length === 0 ? undefined : this.pick(all);
  }

  /** An open descriptor; opens a file, that may be new, where there is none. */
  anyOpen(): OpenModel {
    return this.open.length === 0 ? this.openName(this.anyName(), 0) : this.pick(this.open);
  }

  openName(name: string, flags: number): OpenModel {
    const { O_APPEND, O_CREAT, O_RDWR, O_TRUNC } = constants;
    const descriptor = openSync(this.path(name), O_RDWR | O_CREAT | flags);
    let file = this.files.get(name);
    if (file === undefined) this.files.set(name, (file = new FileModel()));
    if ((flags & O_TRUNC) !== 0) file.resize(0);
    const opened = { descriptor, file, label: `${descriptor} (${name})`, appends: (flags & O_APPEND) !== 0 };
    this.open.push(opened);
    return opened;
  }

  close(opened: OpenModel): void {
    this.open.splice(this.open.indexOf(opened), 1);
    closeSync(opened.descriptor);
    opened.file.mapped = false;
  }

  closeAll(): void {
    for (let opened = this.open.at(-1); opened !== undefined; opened = this.open.at(-1)) this.close(opened);
  }

  /** Bytes that differ from all that came before at the same place. */
  data(length: number): Buffer {
    return Buffer.alloc(length, `<${this.#count}:${this.below(1000)}>`);
  }

  /** Says what is done next, for the trail. */
  note(step: string): void {
    this.#count += 1;
    this.#trail.push(`${this.#count} ${step}`);
    if (this.#trail.length > trailLength) this.#trail.shift();
  }

  get trail(): string {
    return this.#trail.join('\n');
  }

  /** Fails where `actual`, read from `offset` of a file, is not what it should be. */
  compare(what: string, offset: number, actual: Uint8Array, expected: Uint8Array): void {
    if (Buffer.compare(actual, expected) === 0) return;
    const at = expected.findIndex((byte, index) => actual[index] !== byte);
    const where = at < 0 ? expected.length : at;
    const show = (bytes: Uint8Array): string =>
      JSON.stringify(Buffer.from(bytes.subarray(where, where + 24)).toString('latin1'));
    throw new Error(
      `${what}: ${actual.length} bytes at ${offset} for ${expected.length}; at ${offset + where} ${show(actual)} for ${show(expected)}`,
    );
  }

  /** Fails unless the directory holds these files with these bytes, and no others. */
  verify(): void {
    const expected = [...this.files.keys()].sort();
    const found = [...readdirSync(this.path('.')), ...readdirSync(this.path('folder')).map((name) => `folder/${name}`)];
    const actual = found.filter((name) => name !== 'folder').sort();
    if (actual.join() !== expected.join()) throw new Error(`there are ${actual.join()} for ${expected.join()}`);
    for (const [name, file] of this.files) {
      const descriptor = openSync(this.path(name), constants.O_RDONLY);
      try {
        this.verifyOpen(descriptor, file, name);
      } finally {
        closeSync(descriptor);
      }
    }
    for (const { descriptor, file, label } of this.open) this.verifyOpen(descriptor, file, label);
  }

  verifyOpen(descriptor: number, file: FileModel, label: string): void {
    const { size } = fstatSync(descriptor);
    if (size !== file.size) throw new Error(`${label}: a size of ${size} for ${file.size}`);
    const bytes = Buffer.alloc(size + 1);
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    this.compare(label, 0, bytes.subarray(0, length), file.slice(0, size));
  }
}
