import { mkdir } from 'node:fs/promises';
import { MountError } from '../../fuse/mount-error.ts';
import { prepareMountPoint } from '../../fuse/mount-point.ts';
import { unmountPath } from '../../fuse/unmount.ts';

/**
 * The absolute path of a mount point that is fit: made if its parent exists, and freed of a mount whose process has died, of
 * which `notice` is told. Throws `MountError` for everything else.
 */
export async function readyMountPoint(mountPoint: string, notice: (text: string) => void): Promise<ReadyMountPoint> {
  let made = false;
  try {
    return { path: await prepareMountPoint(mountPoint), made };
  } catch (error) {
    if (!(error instanceof MountError)) throw error;
    if (error.code === 'NotFound') {
      await makeMountPoint(mountPoint, error);
      made = true;
    } else if (error.code === 'DeadMount') {
      await unmountPath(error.mountPoint, { lazy: true });
      notice(`${error.mountPoint}: removed a mount whose process had died`);
    } else throw error;
    return { path: await prepareMountPoint(mountPoint), made };
  }
}

/** A directory that can be mounted on. */
export interface ReadyMountPoint {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** It was not there before. */
  readonly made: boolean;
}

async function makeMountPoint(mountPoint: string, missing: MountError): Promise<void> {
  try {
    await mkdir(mountPoint);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw missing;
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
      throw new MountError('NotPermitted', missing.mountPoint, 'the mount point does not exist, and cannot be made', {
        cause,
      });
    throw cause;
  }
}
