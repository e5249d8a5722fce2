import { constants } from 'node:fs';
import { Errno } from '../fuse/errno.ts';
import type { Answer } from '../fuse/file-system.ts';
import type { ControlFile, OpenControlFile } from './control-file.ts';
import type { MountControl } from './mount-control.ts';
import { SmallContent } from './small-content.ts';

/**
 * `config/config`. Reading shows the configuration in force. A writer collects his own text, which is put in force by the
 * `close` that follows a write; that close fails with EINVAL when it is refused. Empty text is never put in force, so that
 * the truncation at the beginning of a copy changes nothing.
 *
 * The kernel sends a flush for each close of each duplicate of a descriptor, so one text may be flushed often: it is
 * configured once, and each of these closes tells the same result.
 */
export class ConfigurationFile implements ControlFile {
  readonly ino: number;
  readonly permissions = 0o600;
  readonly #control: MountControl;
  /** What truncate(2) by path left, until the next writer takes it up. */
  #truncated: SmallContent | undefined;
  #modified = Date.now();

  constructor(ino: number, control: MountControl) {
    this.ino = ino;
    this.#control = control;
  }

  get size(): number {
    return this.#content().size;
  }

  get modified(): number {
    return this.#modified;
  }

  /** The text that a reader sees. */
  text(): string {
    return this.#content().text();
  }

  open(flags: number): OpenControlFile {
    const content = this.#content();
    if ((flags & (constants.O_WRONLY | constants.O_RDWR)) === 0) return new ConfigurationDraft(this, content, flags);
    this.#truncated = undefined;
    if ((flags & constants.O_TRUNC) !== 0) content.truncate(0);
    return new ConfigurationDraft(this, content, flags);
  }

  truncate(size: number): void {
    const content = this.#content();
    content.truncate(size);
    this.#truncated = content;
  }

  /** Puts the text in force. Rejects with EINVAL when it is refused; `MountControl.errors` tells why. */
  async configure(text: string): Promise<void> {
    try {
      await this.#control.configure(text);
    } catch {
      throw Errno.of('EINVAL');
    }
    this.#truncated = undefined;
    this.#modified = Date.now();
  }

  #content(): SmallContent {
    return this.#truncated ?? new SmallContent(this.#control.configuration());
  }
}

class ConfigurationDraft implements OpenControlFile {
  readonly #file: ConfigurationFile;
  readonly #content: SmallContent;
  readonly #appends: boolean;
  #written = false;
  /** What became of the text as it is now; undefined while that is not known. */
  #outcome: Promise<void> | undefined;

  constructor(file: ConfigurationFile, content: SmallContent, flags: number) {
    this.#file = file;
    this.#content = content;
    this.#appends = (flags & constants.O_APPEND) !== 0;
  }

  get size(): number {
    return this.#content.size;
  }

  read(offset: number, into: Uint8Array): number {
    return this.#content.read(offset, into);
  }

  write(offset: number, data: Uint8Array): void {
    this.#content.write(this.#appends ? this.#content.size : offset, data);
    this.#changed();
  }

  truncate(size: number): void {
    this.#content.truncate(size);
    this.#changed();
  }

  flush(): Answer<void> {
    if (!this.#written || this.#content.size === 0) return undefined;
    this.#outcome ??= this.#file.configure(this.#content.text());
    return this.#outcome;
  }

  #changed(): void {
    this.#written = true;
    this.#outcome = undefined;
  }
}
