import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PosixFeatures } from './posix-features.ts';

/** One case's empty directory, with the few steps that all cases are made of. Calls block, as those of programs do. */
export class PosixTrial {
  readonly directory: string;
  readonly features: PosixFeatures;
  readonly #descriptors = new Set<number>();

  constructor(directory: string, features: PosixFeatures) {
    this.directory = directory;
    this.features = features;
  }

  /** A path below the directory. Not normalized: `..` and slashes at the end stay. */
  path(...names: readonly string[]): string {
    return [this.directory, ...names].join('/');
  }

  /** Writes a file; its path. */
  file(name: string, content: string | Uint8Array = ''): string {
    const path = this.path(name);
    writeFileSync(path, content);
    return path;
  }

  /** Makes a directory, and those above it; its path. */
  folder(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** What a directory holds, sorted. */
  names(directory = ''): string[] {
    return readdirSync(this.path(directory)).sort();
  }

  /** open(2) of a name, or of a whole path; closed at the end of the case at the latest. */
  open(name: string, flags: number, mode = 0o666): number {
    const descriptor = openSync(name.startsWith('/') ? name : this.path(name), flags, mode);
    this.#descriptors.add(descriptor);
    return descriptor;
  }

  close(descriptor: number): void {
    this.#descriptors.delete(descriptor);
    closeSync(descriptor);
  }

  /** `length` bytes from an offset, fewer at the end (pread(2)). */
  bytes(descriptor: number, offset: number, length: number): Buffer {
    const into = Buffer.alloc(length);
    return into.subarray(0, readSync(descriptor, into, 0, length, offset));
  }

  /** As `bytes`, as text. */
  read(descriptor: number, offset = 0, length = 1000): string {
    return this.bytes(descriptor, offset, length).toString();
  }

  /** Passes when `call` fails with one of these errno names. */
  fails(codes: string, call: () => unknown): void {
    assert.throws(call, (error: NodeJS.ErrnoException) => {
      assert.ok(codes.split(' ').includes(error.code ?? ''), `expected ${codes}, not ${error.message}`);
      return true;
    });
  }

  /** For what only some file systems can hold: `done` when the call succeeds, `failed` when it fails with one of these errno names. */
  succeedsOrFails(
    codes: string,
    call: () => void,
    then: { readonly done: () => void; readonly failed: () => void },
  ): void {
    try {
      call();
    } catch (error) {
      assert.ok(codes.split(' ').includes((error as NodeJS.ErrnoException).code ?? ''), String(error));
      return then.failed();
    }
    then.done();
  }

  /** Closes what is still open. */
  [Symbol.dispose](): void {
    for (const descriptor of this.#descriptors) closeSync(descriptor);
  }
}
