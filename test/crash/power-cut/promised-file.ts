import { pageBytes } from './volatile-content.ts';

const zeros = Buffer.alloc(pageBytes);

/** What a file may be after a power cut: each page as it was when the file was synced, or as anything later made it. */
export class PromisedFile {
  /** It was synced: it is there under one of its names. */
  isSynced = false;
  readonly #pages = new Map<number, Buffer[]>();
  #size = 0;
  #smallest = 0;
  #largest = 0;

  /** A file of which everything is known. */
  static of(bytes: Buffer): PromisedFile {
    const file = new PromisedFile();
    file.write(0, bytes);
    file.sync();
    return file;
  }

  write(page: number, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += pageBytes) {
      const now = Buffer.from(this.#now(page + at / pageBytes));
      bytes.copy(now, 0, at, at + pageBytes);
      this.#may(page + at / pageBytes, now);
    }
    if (bytes.length > 0) this.#resize(Math.max(this.#size, page * pageBytes + bytes.length));
  }

  resize(size: number): void {
    for (const page of this.#pages.keys()) {
      const kept = size - page * pageBytes;
      if (kept < pageBytes) this.#may(page, Buffer.from(this.#now(page)).fill(0, Math.max(0, kept)));
    }
    this.#resize(size);
  }

  /** It is as it is now, whatever happens. */
  sync(): void {
    this.isSynced = true;
    this.#smallest = this.#largest = this.#size;
    for (const page of this.#pages.keys()) this.#pages.set(page, [this.#now(page)]);
  }

  /** What is wrong with bytes that were found; undefined when they may be there. */
  wrong(found: Buffer): string | undefined {
    if (found.length < this.#smallest || found.length > this.#largest)
      return `it had ${this.#smallest} to ${this.#largest} bytes, and begins with ${nameOf(found)}`;
    for (let at = 0; at < found.length; at += pageBytes) {
      const part = found.subarray(at, at + pageBytes);
      const may = this.#pages.get(at / pageBytes) ?? [zeros];
      if (!may.some((page) => page.subarray(0, part.length).equals(part)))
        return `page ${at / pageBytes} is ${nameOf(part)}, and was ${may.map(nameOf).join(' or ')}`;
    }
    return undefined;
  }

  #now(page: number): Buffer {
    return this.#pages.get(page)?.at(-1) ?? zeros;
  }

  #may(page: number, bytes: Buffer): void {
    this.#pages.set(page, [...(this.#pages.get(page) ?? [zeros]), bytes]);
  }

  #resize(size: number): void {
    this.#size = size;
    this.#smallest = Math.min(this.#smallest, size);
    this.#largest = Math.max(this.#largest, size);
  }
}

/** The step that wrote a page, by its number. */
function nameOf(page: Buffer): string {
  return page.length < 8 ? page.toString('hex') : `${page.readUInt32LE(0)}:${page.readUInt32LE(4)}`;
}
