import { StoreError } from '../../store/errors.ts';
import { assertCanonical, segmentsOf } from '../../store/path.ts';

/** Longest key in bytes of UTF-8, at S3 and at Google Cloud Storage. */
export const maxKeyBytes = 1024;

/** What some tools put behind a directory's name to mark it by an empty key (Hadoop's s3n, EMR). */
const folderSuffix = '_$folder$';

/** An empty, `.` or `..` segment: no path has one. */
const strangeSegment = /(?:^|\/)\.{0,2}(?:\/|$)/;

/**
 * Which key stands for which path. The path `/a/b` is the key `a/b`, behind the root: with the root `photos` it is
 * `photos/a/b`. What is said of a directory is said of all keys that begin with its prefix `a/b/`.
 */
export class BucketKeys {
  /** What all keys of the store begin with: the empty string, or a folder with `/` behind. */
  readonly root: string;
  readonly #refusedNames: RegExp | null;

  /** Slashes around `root` do not count. Throws `InvalidPath` when it cannot be a path. */
  constructor(root: string = '', refusedNames: RegExp | null = null) {
    this.#refusedNames = refusedNames;
    const folder = root.replace(/^\/+|\/+$/g, '');
    if (folder !== '') assertCanonical(`/${folder}`);
    this.root = folder === '' ? '' : `${folder}/`;
  }

  /** The key of a file. Throws `InvalidPath` for one that is too long, or has a name that the service refuses. The root has none. */
  file(path: string): string {
    return this.#checked(this.root + path.slice(1), path);
  }

  /** What the keys in a directory begin with: empty for the root of a whole bucket. It may be longer than any key. */
  prefix(directory: string): string {
    return directory === '/' ? this.root : `${this.root}${directory.slice(1)}/`;
  }

  /** The key that marks a directory. Throws `InvalidPath` for one that is too long. The root has none. */
  marker(directory: string): string {
    return this.#checked(this.prefix(directory), directory);
  }

  /** The key by which other tools mark a directory; undefined where it would be too long. */
  folderMarker(directory: string): string | undefined {
    const key = this.root + directory.slice(1) + folderSuffix;
    return Buffer.byteLength(key) > maxKeyBytes ? undefined : key;
  }

  #checked(key: string, path: string): string {
    const bytes = Buffer.byteLength(key);
    const flaw =
      bytes > maxKeyBytes
        ? `its key has ${bytes} bytes, and the service takes ${maxKeyBytes} at the most`
        : this.#refused(path);
    if (flaw !== undefined) throw new StoreError('InvalidPath', { path, message: flaw });
    return key;
  }

  #refused(path: string): string | undefined {
    if (this.#refusedNames === null) return undefined;
    const name = segmentsOf(path).find((segment) => this.#refusedNames?.test(segment));
    return name === undefined ? undefined : `the service does not take the name ${JSON.stringify(name)}`;
  }
}

/** Whether a key (or what follows a prefix that ends in `/`) can be a path when `/` is put before it. */
export function isCanonicalKey(key: string): boolean {
  return !strangeSegment.test(key) && !key.includes('\0') && key.isWellFormed();
}

/** The same key. Throws `Unsupported` for one that is not UTF-8, which no request can name. */
export function nameable(key: string): string {
  if (key.isWellFormed()) return key;
  throw new StoreError('Unsupported', {
    message: `the key ${JSON.stringify(key)} is not UTF-8, so it cannot be named`,
  });
}

/** What a key marks if it should be one of other tools' empty markers: `a/b` for `a/b_$folder$`. */
export function markedFolder(key: string): string | undefined {
  const folder = key.endsWith(folderSuffix) ? key.slice(0, -folderSuffix.length) : '';
  return isCanonicalKey(folder) ? folder : undefined;
}
