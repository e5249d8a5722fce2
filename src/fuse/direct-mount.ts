import { closeSync, openSync } from 'node:fs';
import { errnoNumbers } from './errno.ts';
import { MountError } from './mount-error.ts';
import type { MountRequest } from './mount-request.ts';
import type { Syscalls } from './syscalls.ts';

/** linux/mount.h. */
const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;

/** Mounts by mount(2), for root; the descriptor of /dev/fuse that serves it. Throws `MountError` NoDevice, NotPermitted, Failed. */
export function mountDirectly(request: MountRequest, syscalls: Syscalls): number {
  const { mountPoint } = request;
  const descriptor = openDevice(mountPoint);
  const result = syscalls.mount(
    request.source,
    mountPoint,
    `fuse.${request.type}`,
    MS_NOSUID | MS_NODEV | (request.readOnly ? MS_RDONLY : 0),
    [`fd=${descriptor}`, 'rootmode=40000', `user_id=${userId()}`, `group_id=${groupId()}`, ...request.options].join(
      ',',
    ),
  );
  if (result >= 0) return descriptor;
  closeSync(descriptor);
  if (result === -errnoNumbers.EPERM || result === -errnoNumbers.EACCES)
    throw new MountError(
      'NotPermitted',
      mountPoint,
      'mounting needs CAP_SYS_ADMIN (in a container: --cap-add SYS_ADMIN)',
    );
  throw new MountError('Failed', mountPoint, `mount(2) failed with errno ${-result}`);
}

function openDevice(mountPoint: string): number {
  try {
    return openSync('/dev/fuse', 'r+');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM')
      throw new MountError('NotPermitted', mountPoint, '/dev/fuse may not be opened', { cause });
    throw new MountError(
      'NoDevice',
      mountPoint,
      '/dev/fuse cannot be opened; load the kernel module "fuse" (in a container: --device /dev/fuse)',
      { cause },
    );
  }
}

function userId(): number {
  return process.getuid?.() ?? 0;
}

function groupId(): number {
  return process.getgid?.() ?? 0;
}
