import assert from 'node:assert/strict';
import type { Files } from '../crash-step.ts';
import { bytesOf, isSync, type PowerStep } from './power-step.ts';
import { PromisedFile } from './promised-file.ts';

/**
 * What may be found after a power cut. A step that was begun may have happened; a sync that was answered makes its file what it is, and the
 * names of all files what they are (docs/semantics.md).
 */
export class PromisedFiles {
  readonly #now = new Map<string, PromisedFile>();
  /** What each name may lead to. */
  readonly #may = new Map<string, Set<PromisedFile | undefined>>();
  readonly #kept = new Set<PromisedFile>();

  /** As they were found. */
  constructor(found: Files) {
    for (const [path, bytes] of found) this.#put(path, PromisedFile.of(bytes));
    this.#settle();
  }

  begin(step: PowerStep): void {
    const { kind, path, to, size } = step;
    const file = this.#now.get(path);
    if (kind === 'write') {
      const written = file ?? this.#put(path, new PromisedFile());
      written.write(step.page, bytesOf(step));
    } else if (kind === 'replace') {
      const next = this.#put(`${path}.new`, new PromisedFile());
      next.write(0, bytesOf(step));
      this.#move(`${path}.new`, path, next);
    } else if (file === undefined) return;
    else if (kind === 'resize') file.resize(size);
    else if (kind === 'rename' && to !== path) this.#move(path, to, file);
    else if (kind === 'remove') this.#put(path, undefined);
  }

  done(step: PowerStep): void {
    if (!isSync(step)) return;
    const file = this.#now.get(step.path);
    if (step.kind === 'sync' && file === undefined) return;
    if (step.kind !== 'directory') file?.sync();
    // The names of before the rename: what was synced had another one then.
    if (step.kind !== 'replace') this.#settle();
  }

  /**
   * Fails where something else was found than may be there. `copies`: conflict copies by the names that they are copies of. The cache may not
   * know of an upload shortly before the cut, and keeps both versions; then the copy counts.
   */
  check(found: Files, copies: ReadonlyMap<string, readonly Buffer[]>, when: string): void {
    const seen = new Set<PromisedFile>();
    for (const [path, bytes] of found) {
      const may = [...(this.#may.get(path) ?? [])].filter((file) => file !== undefined);
      const versions = [bytes, ...(copies.get(path) ?? [])];
      const right = may.filter((file) => versions.some((version) => file.wrong(version) === undefined));
      const wrong = may.map((file) => file.wrong(bytes)).join('; ');
      assert.ok(right.length > 0, `${when}: ${path} has ${bytes.length} bytes that it never had: ${wrong}`);
      for (const file of right) seen.add(file);
    }
    for (const [path, may] of this.#may) {
      if (found.has(path)) continue;
      assert.ok(
        [...may].some((file) => file?.isSynced !== true),
        `${when}: ${path} is gone`,
      );
    }
    for (const file of this.#kept)
      assert.ok(seen.has(file), `${when}: ${this.#namesOf(file)} is gone from all its names`);
  }

  #put<T extends PromisedFile | undefined>(path: string, file: T): T {
    const before = this.#now.get(path);
    if (before !== undefined) this.#kept.delete(before);
    const may = this.#may.get(path) ?? new Set([undefined]);
    this.#may.set(path, may.add(file));
    if (file === undefined) this.#now.delete(path);
    else this.#now.set(path, file);
    return file;
  }

  #move(from: string, to: string, file: PromisedFile): void {
    const isKept = this.#kept.has(file);
    this.#put(from, undefined);
    this.#put(to, file);
    if (isKept) this.#kept.add(file);
  }

  /** All names are durable. */
  #settle(): void {
    for (const path of this.#may.keys()) {
      const file = this.#now.get(path);
      if (file === undefined) this.#may.delete(path);
      else this.#may.set(path, new Set([file]));
    }
    for (const file of this.#now.values()) if (file.isSynced) this.#kept.add(file);
  }

  #namesOf(file: PromisedFile): string {
    return [...this.#may].flatMap(([path, may]) => (may.has(file) ? [path] : [])).join(', ');
  }
}
