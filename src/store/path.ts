import { StoreError } from './errors.ts';

/** Longest name that a mount can carry, in bytes of UTF-8 (NAME_MAX of linux/limits.h). */
export const maxNameBytes = 255;

/**
 * Throws `InvalidPath` unless `path` is canonical: it begins with `/`, has no empty, `.` or `..` segments, does not end in
 * `/` (but for the root itself), and holds neither NUL nor half a surrogate pair.
 */
export function assertCanonical(path: string, operation?: string, store?: string): void {
  const flaw = flawOf(path);
  if (flaw !== undefined) throw new StoreError('InvalidPath', { operation, store, path, message: flaw });
}

function flawOf(path: string): string | undefined {
  if (typeof path !== 'string') throw new TypeError('a path is a string');
  if (!path.startsWith('/')) return 'a path begins with "/"';
  if (path === '/') return undefined;
  if (path.includes('\0')) return 'a path holds no NUL';
  if (!path.isWellFormed()) return 'a path is well-formed Unicode';
  for (const name of path.slice(1).split('/')) {
    if (name === '') return 'a path has no empty segment and no "/" at its end';
    if (name === '.' || name === '..') return `a path has no segment "${name}"`;
  }
  return undefined;
}

/** `/a/b` for `/a/b/c`, `/` for `/a`. The root has no parent; it answers itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** `c` for `/a/b/c`, the empty string for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path of the entry `name` of a directory. */
export function childOf(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** Whether `path` lies below `directory`, at any depth. A directory is not inside itself. */
export function isInside(path: string, directory: string): boolean {
  if (directory === '/') return path !== '/';
  return path.length > directory.length && path.startsWith(directory) && path[directory.length] === '/';
}

/** The names along the way: `['a', 'b']` for `/a/b`, none for the root. */
export function segmentsOf(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}
