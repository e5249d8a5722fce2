import { join } from 'node:path';
import type { Arena } from '../arena.ts';
import { rcloneEnvironment } from '../rclone-environment.ts';
import { ServedMount } from '../served-mount.ts';
import type { MountPlace, OpenSubject, Subject } from '../subject.ts';

/** Beyond the defaults: sent soon after closing, 32 at a time, no HEAD for the time of a file, listings believed as long as a run takes. */
const settings = [
  ['--vfs-cache-mode', 'full'],
  ['--vfs-write-back', '1s'],
  ['--transfers', '32'],
  ['--dir-cache-time', '1h'],
  ['--attr-timeout', '1h'],
  ['--use-server-modtime'],
  ['--vfs-fast-fingerprint'],
].flat();

/** `rclone mount` over a directory. */
export const rcloneOverDisk: Subject = {
  name: 'rclone',
  below: 'disk',
  needs: 'rclone',
  open: (arena, place) => mount(arena, place, arena.plain, rcloneEnvironment(arena.scratch)),
};

/** `rclone mount` over S3. */
export const rcloneOverS3: Subject = {
  name: 'rclone',
  below: 's3',
  needs: 'rclone',
  open: (arena, place) =>
    mount(arena, place, `far:${arena.bucket.name}`, rcloneEnvironment(arena.scratch, arena.bucket.access('line'))),
};

async function mount(
  arena: Arena,
  { mountPoint, cache }: MountPlace,
  remote: string,
  environment: NodeJS.ProcessEnv,
): Promise<OpenSubject> {
  const mount = await ServedMount.start({
    program: 'rclone',
    parameters: ['mount', remote, mountPoint, '--cache-dir', cache, ...settings],
    mountPoint,
    log: arena.log('rclone'),
    environment,
  });
  return { directory: mountPoint, contents: () => join(cache, 'vfs'), close: () => mount.close() };
}
