import { StoreError } from '../../store/errors.ts';
import { segmentsOf } from '../../store/path.ts';

/**
 * Names that Dropbox does not take (https://help.dropbox.com/organize/file-names): backslashes, DEL, a space at the end, more than 255
 * characters, and what computers leave behind.
 */
export const refusedNames: RegExp =
  /[\\\x7f]| $|^.{256,}$|^(?:desktop\.ini|thumbs\.db|\.ds_store|icon\r|\.dropbox|\.dropbox\.attr)$|^~\$|^\.~|^~.*\.tmp$/isu;

/** The path as Dropbox writes it: the root is nothing. Throws `InvalidPath` for a name that Dropbox does not take. */
export function dropboxPath(path: string): string {
  if (path === '/') return '';
  const refused = segmentsOf(path).find((name) => refusedNames.test(name));
  if (refused !== undefined)
    throw new StoreError('InvalidPath', { path, message: `Dropbox takes no file "${refused}"` });
  return path;
}

/** Whether there can be nothing at the path, because Dropbox does not take one of its names. */
export function isRefused(path: string): boolean {
  return segmentsOf(path).some((name) => refusedNames.test(name));
}
