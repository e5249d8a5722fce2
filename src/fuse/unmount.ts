import { errnoNumbers } from './errno.ts';
import { helper, unmountByHelper } from './fusermount.ts';
import { MountError } from './mount-error.ts';
import { resolveMountPoint } from './mount-point.ts';
import { isMounted } from './mount-table.ts';
import { usersOfMount, usersText } from './mount-users.ts';
import { loadSyscalls } from './syscalls.ts';

/** How a mount is taken away. */
export interface UnmountOptions {
  /** Take it out of the name space though it is in use (MNT_DETACH). @default false */
  readonly lazy?: boolean | undefined;
}

/** linux/fs.h: MNT_DETACH; umount2(2): do not follow a symbolic link. */
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/**
 * Unmounts whatever is mounted at this path, whoever serves it, alive or dead; nothing mounted is a success. Root uses umount2(2),
 * others fusermount3. Throws `MountError` Busy (naming who uses it), NotPermitted, NoHelper, NotFound, Failed.
 */
export async function unmountPath(mountPoint: string, { lazy = false }: UnmountOptions = {}): Promise<void> {
  const path = await resolveMountPoint(mountPoint);
  if (!(await isMounted(path))) return;
  try {
    if (isRoot()) await unmountDirectly(path, lazy);
    else await unmountByHelper(path, lazy);
  } catch (cause) {
    if (!(cause instanceof MountError) || cause.code !== 'Busy') throw cause;
    throw new MountError('Busy', path, usersText(await usersOfMount(path)), { cause });
  }
}

async function unmountDirectly(path: string, lazy: boolean): Promise<void> {
  const syscalls = await loadSyscalls();
  const result = await syscalls.unmount(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0));
  // EINVAL: not a mount point, so somebody was faster.
  if (result >= 0 || result === -errnoNumbers.EINVAL) return;
  if (result === -errnoNumbers.EBUSY) throw new MountError('Busy', path, 'files are open in it');
  if (result === -errnoNumbers.EPERM) throw new MountError('NotPermitted', path, 'unmounting needs CAP_SYS_ADMIN');
  throw new MountError('Failed', path, `umount2(2) failed with errno ${-result}`);
}

/** Whether this process mounts and unmounts by itself. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The command by which another process takes a mount away whose daemon died. */
export function guardCommand(mountPoint: string): string[] {
  return isRoot() ? ['umount', '-l', '--', mountPoint] : [helper, '-u', '-z', '-q', '--', mountPoint];
}
