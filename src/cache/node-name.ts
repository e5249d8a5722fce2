import { StoreError } from '../store/errors.ts';
import { maxNameBytes } from '../store/path.ts';

/** Throws `InvalidPath` for what cannot be the name of a file or directory. */
export function assertName(name: string): void {
  const flaw =
    name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0') || !name.isWellFormed()
      ? 'no name of a file'
      : Buffer.byteLength(name) > maxNameBytes
        ? `longer than ${maxNameBytes} bytes`
        : undefined;
  if (flaw !== undefined) throw new StoreError('InvalidPath', { path: name, message: flaw });
}
