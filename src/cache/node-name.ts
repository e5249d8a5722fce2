import { StoreError } from '../store/errors.ts';
import { maxNameBytes } from '../store/path.ts';

/** UTF-8 needs at most three bytes for each UTF-16 unit, so shorter names need no counting. */
const surelyShort = Math.floor(maxNameBytes / 3);

/** Why something cannot be the name of a file or directory; undefined where it can. */
export function flawOfName(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0') || !name.isWellFormed())
    return 'no name of a file';
  return name.length > surelyShort && Buffer.byteLength(name) > maxNameBytes
    ? `longer than ${maxNameBytes} bytes`
    : undefined;
}

/** Throws `InvalidPath` for what cannot be the name of a file or directory, or is `refused` by the store (`Capabilities.refusedNames`). */
export function assertName(name: string, refused: RegExp | null): void {
  const flaw = flawOfName(name) ?? (refused?.test(name) === true ? 'the service does not take this name' : undefined);
  if (flaw !== undefined) throw new StoreError('InvalidPath', { path: name, message: flaw });
}

/** Whether a value can be the name of a file or directory. */
export function isPlaceName(value: unknown): value is string {
  return typeof value === 'string' && flawOfName(value) === undefined;
}
