import { MountError } from '../fuse/mount-error.ts';
import { resolveMountPoint } from '../fuse/mount-point.ts';
import { isDeadMount, mountAt } from '../fuse/mount-table.ts';
import { CommandError } from './command-error.ts';
import { type ControlClient, findControl } from './control-client.ts';
import { socketPathsOf } from './runtime-directory.ts';

/** A mount and who answers for it. */
export interface FoundMount {
  /** Absolute, without symbolic links. */
  readonly mountPoint: string;
  readonly control: ControlClient;
}

/** Finds a mount by its mount point, without touching it. Throws `CommandError` when no living mount of CloudFusion is there. */
export async function findMount(mountPoint: string): Promise<FoundMount> {
  const found = await lookForMount(mountPoint);
  if (found.kind === 'alive') return found;
  if (found.kind === 'dead')
    throw new CommandError(
      'notMounted',
      `${found.mountPoint}: the process of this mount has died; "cloudfusion stop ${mountPoint}" cleans up`,
    );
  throw new CommandError('notMounted', `${found.mountPoint}: ${found.why}`);
}

/** What stands at a mount point: a living mount, one whose process is gone, or nothing that can be asked. */
export type Finding =
  | ({ readonly kind: 'alive' } & FoundMount)
  | { readonly kind: 'dead'; readonly mountPoint: string }
  | { readonly kind: 'none'; readonly mountPoint: string; readonly why: string };

/** As `findMount`, but tells what stands there instead. */
export async function lookForMount(given: string): Promise<Finding> {
  const mountPoint = await resolved(given);
  const control = await findControl(socketPathsOf(mountPoint));
  if (control !== undefined) return { kind: 'alive', mountPoint, control };
  const entry = await mountAt(mountPoint);
  if (entry === undefined) return { kind: 'none', mountPoint, why: 'nothing is mounted here' };
  if (entry.type !== 'fuse.cloudfusion')
    return { kind: 'none', mountPoint, why: `what is mounted here (${entry.type}) is not from CloudFusion` };
  if (await isDeadMount(mountPoint)) return { kind: 'dead', mountPoint };
  return {
    kind: 'none',
    mountPoint,
    why: 'this mount takes no commands from you: another user mounted it, or its process hangs',
  };
}

async function resolved(given: string): Promise<string> {
  try {
    return await resolveMountPoint(given);
  } catch (error) {
    if (error instanceof MountError) throw new CommandError('notMounted', error.message, { cause: error });
    throw error;
  }
}
