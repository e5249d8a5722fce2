import { Errno } from '../fuse/errno.ts';
import { maxNameBytes } from '../store/path.ts';

/** UTF-8 needs at most three bytes for each UTF-16 unit, so shorter names need no counting. */
const surelyShort = Math.floor(maxNameBytes / 3);

/** Throws ENAMETOOLONG beyond `maxNameBytes` bytes. */
export function assertNameLength(name: string): void {
  if (name.length > surelyShort && Buffer.byteLength(name) > maxNameBytes) throw Errno.of('ENAMETOOLONG');
}
