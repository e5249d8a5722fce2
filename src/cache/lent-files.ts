import { closeSync } from 'node:fs';
import type { DataFiles } from './data-files.ts';
import type { OpenElsewhere } from './node-tree.ts';

/** Data files that programs were given in this run, and how to find out whether they still have them. */
export class LentFiles {
  readonly #files: DataFiles;
  readonly #asks = new Map<number, OpenElsewhere | undefined>();

  constructor(files: DataFiles) {
    this.#files = files;
  }

  /** Programs get the data file itself. `ask` undefined: nobody can tell how long they keep it. */
  add(content: number, ask: OpenElsewhere | undefined): void {
    this.#asks.set(content, ask);
  }

  forget(content: number): void {
    this.#asks.delete(content);
  }

  /** Whether a program has the data file, which `held` is an open descriptor of; undefined where nobody can tell. */
  isInPrograms(content: number, held: number | undefined): boolean | undefined {
    if (!this.#asks.has(content)) return false;
    const ask = this.#asks.get(content);
    if (ask === undefined) return undefined;
    const descriptor = held ?? this.#files.open(content);
    try {
      return ask(descriptor);
    } finally {
      if (held === undefined) closeSync(descriptor);
    }
  }
}
