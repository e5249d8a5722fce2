import { Errno } from '../fuse/errno.ts';
import type { ControlFile, OpenControlFile } from './control-file.ts';
import { SmallContent } from './small-content.ts';

/** A text that is made anew at each open, and stays what it was then for its reader. Writing is EACCES. */
export class ReportFile implements ControlFile {
  readonly ino: number;
  readonly permissions = 0o400;
  readonly #render: () => string;

  constructor(ino: number, render: () => string) {
    this.ino = ino;
    this.#render = render;
  }

  get size(): number {
    return Buffer.byteLength(this.#render());
  }

  get modified(): number {
    return Date.now();
  }

  open(): OpenControlFile {
    const content = new SmallContent(this.#render());
    return {
      size: content.size,
      read: (offset, into) => content.read(offset, into),
      write: refuse,
      truncate: refuse,
      flush: () => undefined,
    };
  }

  truncate(): never {
    return refuse();
  }
}

function refuse(): never {
  throw Errno.of('EACCES');
}
