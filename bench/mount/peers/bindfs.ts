import { join } from 'node:path';
import { ServedMount } from '../served-mount.ts';
import type { Subject } from '../subject.ts';

/** bindfs (Debian): C on libfuse, over a directory. */
export const bindfs: Subject = {
  name: 'bindfs',
  below: 'disk',
  needs: 'bindfs',
  open: async (arena, { mountPoint }) => {
    const mount = await ServedMount.start({
      program: 'bindfs',
      parameters: ['-f', arena.plain, mountPoint],
      mountPoint,
      log: arena.log('bindfs'),
    });
    return { directory: mountPoint, contents: (work) => join(arena.plain, work), close: () => mount.close() };
  },
};
