import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServedMount } from '../served-mount.ts';
import type { Subject } from '../subject.ts';

/** s3fs (Debian), with a cache on the disk and 32 requests at a time. */
export const s3fs: Subject = {
  name: 's3fs',
  below: 's3',
  needs: 's3fs',
  open: async (arena, { mountPoint, cache }) => {
    const { endpoint, accessKey, secretKey } = arena.bucket.access('line');
    mkdirSync(cache, { recursive: true });
    const keys = join(arena.scratch, 's3fs-keys');
    writeFileSync(keys, `${accessKey}:${secretKey}\n`, { mode: 0o600 });
    const settings = [
      `passwd_file=${keys}`,
      `url=${endpoint}`,
      'use_path_request_style',
      `use_cache=${cache}`,
      'parallel_count=32',
      'multireq_max=32',
      'max_stat_cache_size=200000',
      'stat_cache_expire=3600',
      'enable_noobj_cache',
    ];
    const mount = await ServedMount.start({
      program: 's3fs',
      parameters: [arena.bucket.name, mountPoint, '-f', ...settings.flatMap((setting) => ['-o', setting])],
      mountPoint,
      log: arena.log('s3fs'),
    });
    return { directory: mountPoint, close: () => mount.close() };
  },
};
