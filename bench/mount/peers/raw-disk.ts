import { join } from 'node:path';
import type { Subject } from '../subject.ts';

/** The disk itself. Beside S3 it is the yardstick L. */
export const rawDisk: Subject = {
  name: 'raw disk',
  below: 'disk',
  open: async (arena) => ({
    directory: arena.plain,
    contents: (work) => join(arena.plain, work),
    close: async () => undefined,
  }),
};
