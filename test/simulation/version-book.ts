/** One content that a user wrote. Its size is its number, so that a node tells which it shows. */
interface Version {
  isClosed: boolean;
  /** Somebody who saw it replaced or removed it. */
  isReleased: boolean;
}

const firstNumber = 10;

/** What everybody wrote, and what of it must still be there. */
export class VersionBook {
  readonly #versions = new Map<number, Version>();
  /** Last names that somebody gave. */
  readonly fileNames: Set<string> = new Set();
  readonly directoryNames: Set<string> = new Set();

  /** A version that a user begins to write; answers its number. */
  begin(name: string): number {
    const number = firstNumber + this.#versions.size;
    this.#versions.set(number, { isClosed: false, isReleased: false });
    this.fileNames.add(name);
    return number;
  }

  /** From here on it must not be lost. */
  close(number: number): void {
    const version = this.#versions.get(number);
    if (version !== undefined) version.isClosed = true;
  }

  /** Somebody who saw it replaces or removes it. */
  release(number: number): void {
    const version = this.#versions.get(number);
    if (version !== undefined) version.isReleased = true;
  }

  /** Somebody replaces or removes something that may be any of what there is now. */
  releaseAll(): void {
    for (const version of this.#versions.values()) version.isReleased = true;
  }

  /** What must be somewhere. */
  required(): number[] {
    return [...this.#versions].filter(([, { isClosed, isReleased }]) => isClosed && !isReleased).map(([n]) => n);
  }

  /** Whether somebody wrote it. */
  has(number: number): boolean {
    return this.#versions.has(number);
  }
}

/** The bytes of a version. */
export function bytesOf(number: number): Uint8Array {
  return Buffer.alloc(number, `${number}.`);
}

/** Whether the bytes are the beginning of a version: a reader may get the next one when he had asked for the size of the last. */
export function isOfOneVersion(bytes: Uint8Array): boolean {
  const number = Number.parseInt(Buffer.from(bytes).toString(), 10);
  return bytes.length === 0 || Buffer.from(bytes).equals(Buffer.alloc(bytes.length, `${number}.`));
}
