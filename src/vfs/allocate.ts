import type { Answer, HoleCalls, OpenFile } from '../cache/node-tree.ts';
import { Errno } from '../fuse/errno.ts';

/** Modes of fallocate(2) (linux/falloc.h): what lies beyond the end does not lengthen the file; a hole; zeros. */
const keepSize = 1;
const punchHole = 2;
const zeroRange = 16;

/** What fallocate(2) was asked for. */
export interface Allocation {
  readonly offset: number;
  readonly length: number;
  readonly mode: number;
}

/** Reserves a part of a file, or makes it zeros. ENOTSUP for what would move bytes within the file. */
export function allocate(file: OpenFile, { offset, length, mode }: Allocation, holes?: HoleCalls): Answer<void> {
  const keepsSize = (mode & keepSize) !== 0;
  switch (mode & ~keepSize) {
    case 0:
      return file.allocate(offset, length, keepsSize);
    case punchHole:
    case zeroRange:
      return file.clear(offset, length, keepsSize, holes);
    default:
      throw Errno.of('ENOTSUP');
  }
}
