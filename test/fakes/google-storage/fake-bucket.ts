import { createHash } from 'node:crypto';
import { noSuchFile } from './google-fault.ts';
import { SortedNames } from './sorted-names.ts';
import { assertPreconditions, type Preconditions } from './preconditions.ts';
import {
  assertChecksums,
  assertFileName,
  type ExpectedChecksums,
  type FileProperties,
  md5Of,
  type StoredFile,
} from './stored-file.ts';

/** How a file comes into a bucket. */
export interface Insertion {
  readonly name: string;
  readonly content: Buffer;
  readonly properties: FileProperties;
  readonly preconditions?: Preconditions | undefined;
  readonly checksums?: ExpectedChecksums | undefined;
  /** Set for what was composed, which has no MD5. */
  readonly components?: number | undefined;
  /** Whether the service knows the MD5. @default unless composed */
  readonly hasMd5?: boolean | undefined;
}

/** A bucket in memory, with one live version of each file and no versions behind it. */
export class FakeBucket {
  readonly name: string;
  readonly project: string;
  readonly created: Date = new Date();
  readonly #files = new Map<string, StoredFile>();
  readonly #names = new SortedNames();
  #lastGeneration = 0n;

  constructor(name: string, project: string) {
    this.name = name;
    this.project = project;
  }

  get size(): number {
    return this.#files.size;
  }

  /** The files from this name on, in the order of the bytes of their names, as Google lists them. */
  *files(from: string = ''): Generator<StoredFile> {
    for (const name of this.#names.from(from)) {
      const file = this.#files.get(name);
      if (file !== undefined) yield file;
    }
  }

  find(name: string): StoredFile | undefined {
    return this.#files.get(name);
  }

  /** The file; throws 404 where there is none (or not of this generation), and 412 or 304 by the preconditions. */
  read(name: string, preconditions: Preconditions = {}, generation?: string | null): StoredFile {
    assertFileName(name);
    const file = this.#files.get(name);
    if (file === undefined) throw noSuchFile(this.name, name);
    if (generation !== undefined && generation !== null && generation !== file.generation) {
      throw noSuchFile(this.name, `${name}#${generation}`);
    }
    assertPreconditions(file, preconditions, true);
    return file;
  }

  insert({ name, content, properties, preconditions = {}, checksums = {}, ...more }: Insertion): StoredFile {
    assertFileName(name);
    const crc32c = assertChecksums(content, checksums);
    assertPreconditions(this.#files.get(name), preconditions);
    const generation = this.#newGeneration();
    const now = new Date();
    const file: StoredFile = {
      name,
      content,
      properties,
      generation,
      metageneration: '1',
      created: now,
      updated: now,
      crc32c,
      md5: (more.hasMd5 ?? more.components === undefined) ? md5Of(content) : undefined,
      components: more.components,
      etag: etagOf(generation, '1'),
    };
    if (!this.#files.has(name)) this.#names.add(name);
    this.#files.set(name, file);
    return file;
  }

  /** Changes what is said about a file: null takes a property away, as PATCH does. */
  patch(name: string, properties: FileProperties, preconditions: Preconditions): StoredFile {
    const file = this.#files.get(name);
    if (file === undefined) throw noSuchFile(this.name, name);
    assertPreconditions(file, preconditions);
    const metageneration = String(Number(file.metageneration) + 1);
    const etag = etagOf(file.generation, metageneration);
    const patched = { ...file, properties, metageneration, updated: new Date(), etag };
    this.#files.set(name, patched);
    return patched;
  }

  delete(name: string, preconditions: Preconditions = {}, generation?: string | null): void {
    const file = this.#files.get(name);
    if (file === undefined) throw noSuchFile(this.name, name);
    if (generation !== undefined && generation !== null && generation !== file.generation) {
      throw noSuchFile(this.name, `${name}#${generation}`);
    }
    assertPreconditions(file, preconditions);
    this.#files.delete(name);
    this.#names.delete(name);
  }

  /** Generations are microseconds since the epoch, and no two are the same. */
  #newGeneration(): string {
    const now = BigInt(Date.now()) * 1000n;
    this.#lastGeneration = now > this.#lastGeneration ? now : this.#lastGeneration + 1n;
    return String(this.#lastGeneration);
  }
}

function etagOf(generation: string, metageneration: string): string {
  return createHash('sha1').update(`${generation}/${metageneration}`).digest('base64').slice(0, 16);
}
