import { setTimeout as sleep } from 'node:timers/promises';
import type { Mounted } from '../../fuse/mount.ts';
import { MountError } from '../../fuse/mount-error.ts';

/**
 * Unmounts. Where programs use the mount it leaves the name space at once, and they have `grace` milliseconds to finish; true
 * when some had not, and lost what they had open. Throws `MountError`.
 */
export async function unmountGently(mounted: Mounted, grace: number): Promise<boolean> {
  try {
    await mounted.unmount();
    return false;
  } catch (error) {
    if (!(error instanceof MountError) || error.code !== 'Busy') throw error;
  }
  await mounted.unmount({ lazy: true });
  const gone = await Promise.race([mounted.finished.then(() => true), sleep(grace, false, { ref: false })]);
  if (!gone) await mounted.unmount({ force: true });
  return !gone;
}
