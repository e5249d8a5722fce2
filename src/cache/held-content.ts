import { closeSync, fstatSync, ftruncateSync, futimesSync, readSync, writeSync } from 'node:fs';
import { figuresOf } from './data-files.ts';
import type { ContentFigures, InlineContents } from './inline-contents.ts';

/** A content in use, wherever it is kept. */
export interface HeldContent {
  /** Reads at a position; fewer bytes only at the end. */
  read(into: Uint8Array, offset: number): number;
  /** Writes all of `data` at a position; a gap before it is zeros. */
  write(data: Uint8Array, offset: number): void;
  truncate(size: number): void;
  inspect(): ContentFigures;
  /** It has no place any more. Whoever holds it reads and writes on. */
  removed(): void;
  close(): void;
}

/** A content in its data file. */
export class DataFileContent implements HeldContent {
  readonly descriptor: number;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  read(into: Uint8Array, offset: number): number {
    return readSync(this.descriptor, into, 0, into.length, offset);
  }

  write(data: Uint8Array, offset: number): void {
    let done = 0;
    while (done < data.length) done += writeSync(this.descriptor, data, done, data.length - done, offset + done);
  }

  truncate(size: number): void {
    ftruncateSync(this.descriptor, size);
  }

  inspect(): ContentFigures {
    return figuresOf(fstatSync(this.descriptor));
  }

  /** Sets the modification time some seconds back, so that the next write moves it. */
  makeOlder(): void {
    const seconds = Math.floor(Date.now() / 1000) - 10;
    futimesSync(this.descriptor, seconds, seconds);
  }

  removed(): void {}

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A content in the database. Each change is committed before it is seen. */
export class InlineContent implements HeldContent {
  readonly #number: number;
  readonly #table: InlineContents;
  #bytes: Uint8Array;
  #modified: number;
  #isRemoved = false;

  constructor(number: number, table: InlineContents, bytes: Uint8Array, modified: number) {
    this.#number = number;
    this.#table = table;
    this.#bytes = bytes;
    this.#modified = modified;
  }

  /** All of it, not to be changed. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  read(into: Uint8Array, offset: number): number {
    const found = this.#bytes.subarray(offset, offset + into.length);
    into.set(found);
    return found.length;
  }

  write(data: Uint8Array, offset: number): void {
    const end = offset + data.length;
    const next = this.#resized(Math.max(end, this.#bytes.length));
    next.set(data, offset);
    this.#commit(next);
  }

  truncate(size: number): void {
    this.#commit(this.#resized(size));
  }

  inspect(): ContentFigures {
    const size = this.#bytes.length;
    return { size, modified: this.#modified, onDisk: size };
  }

  removed(): void {
    this.#isRemoved = true;
  }

  close(): void {}

  #resized(size: number): Uint8Array {
    const next = new Uint8Array(size);
    next.set(this.#bytes.subarray(0, size));
    return next;
  }

  #commit(bytes: Uint8Array): void {
    const modified = Date.now();
    if (!this.#isRemoved) this.#table.save(this.#number, bytes, modified);
    this.#bytes = bytes;
    this.#modified = modified;
  }
}
