import { constants } from 'node:fs';
import type { ControlFile, OpenControlFile } from './control-file.ts';
import { SmallContent } from './small-content.ts';

/** A file beside `config/config`, in memory: what an editor saves before it renames, its backup, its swap file. */
export class ScratchFile implements ControlFile {
  readonly ino: number;
  readonly permissions = 0o600;
  readonly #content: SmallContent;
  #modified = Date.now();

  constructor(ino: number, text = '') {
    this.ino = ino;
    this.#content = new SmallContent(text);
  }

  get size(): number {
    return this.#content.size;
  }

  get modified(): number {
    return this.#modified;
  }

  /** Throws EINVAL unless it is UTF-8. */
  text(): string {
    return this.#content.text();
  }

  open(flags: number): OpenControlFile {
    const content = this.#content;
    const appends = (flags & constants.O_APPEND) !== 0;
    if ((flags & constants.O_TRUNC) !== 0) this.truncate(0);
    return {
      get size() {
        return content.size;
      },
      read: (offset, into) => content.read(offset, into),
      write: (offset, data) => {
        content.write(appends ? content.size : offset, data);
        this.#modified = Date.now();
      },
      truncate: (size) => this.truncate(size),
      flush: () => undefined,
    };
  }

  truncate(size: number): void {
    this.#content.truncate(size);
    this.#modified = Date.now();
  }
}
