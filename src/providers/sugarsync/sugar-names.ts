import { StoreError } from '../../store/errors.ts';
import { segmentsOf } from '../../store/path.ts';

/** Names that XML 1.0 cannot carry: with control characters, U+FFFE or U+FFFF. SugarSync is spoken to in it alone. */
export const refusedNames: RegExp = /(?![\x7f-\x9f])\p{Cc}|[\ufffe\uffff]/u;

/** Throws `InvalidPath` where the service does not take one of the names. */
export function assertTaken(path: string): void {
  const refused = segmentsOf(path).find((name) => refusedNames.test(name));
  if (refused !== undefined)
    throw new StoreError('InvalidPath', {
      path,
      message: `SugarSync takes no file ${JSON.stringify(refused)}: XML has no such characters`,
    });
}

/** What all spellings of a name, or of a path, have in common: case does not matter to the service. */
export function folded(name: string): string {
  // Sign by sign, because the lower case of some letters depends on what stands beside them.
  return Array.from(name, (sign) => sign.toLowerCase()).join('');
}

/** Whether a name can stand in a path. Others, which computers without such rules have made, are not shown. */
export function isShown(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && name.isWellFormed();
}
