import { StoreError } from './errors.ts';
import { isInside } from './path.ts';

/** Who asks, for the error. */
export interface Transfer {
  readonly operation: 'copy' | 'move';
  readonly store: string;
  readonly from: string;
  readonly to: string;
}

type Kind = 'file' | 'directory';

/**
 * The rules of `Store.copy` and `Store.move`, given what stands at both paths. Throws `InvalidPath` (a directory into itself),
 * `IsADirectory` (file onto directory), `NotADirectory` (directory onto file) and `AlreadyExists` (directory onto directory).
 * Answers false for "onto itself", where nothing is to be done.
 */
export function assertTransfer(transfer: Transfer, source: Kind, target: Kind | undefined): boolean {
  const { operation, store, from, to } = transfer;
  const refusal = (
    code: 'InvalidPath' | 'IsADirectory' | 'NotADirectory' | 'AlreadyExists',
    message: string,
  ): StoreError => new StoreError(code, { operation, store, path: to, message });
  if (from === to) return false;
  if (source === 'directory' && isInside(to, from)) throw refusal('InvalidPath', `${from} cannot go into itself`);
  if (source === 'file' && target === 'directory') throw refusal('IsADirectory', 'a file does not replace a directory');
  if (source === 'directory' && target === 'file')
    throw refusal('NotADirectory', 'a directory does not replace a file');
  if (source === 'directory' && target === 'directory')
    throw refusal('AlreadyExists', 'a directory does not replace another');
  return true;
}
