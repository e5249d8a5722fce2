import type { NodeTree } from '../cache/node-tree.ts';
import { errnoNumbers } from '../fuse/errno.ts';
import type { BackingFiles } from '../fuse/file-system.ts';

/** Whether the kernel reads and writes cached files by itself, and if not, why. */
export type PassthroughState =
  | { readonly on: true; readonly why?: undefined }
  | { readonly on: false; readonly why: string };

/** Finds out whether the kernel can take the data files of a tree in the place of the files of a mount, by trying it once. */
export function tryPassthrough(tree: NodeTree, backing: BackingFiles | undefined): PassthroughState {
  if (backing === undefined) return { on: false, why: 'the kernel has none: it came with Linux 6.9' };
  const result = tree.withTrialFile((descriptor) => {
    const lent = backing.open(descriptor);
    if (lent > 0) backing.close(lent);
    return lent;
  });
  return result > 0 ? { on: true } : { on: false, why: reasonOf(-result) };
}

function reasonOf(errno: number): string {
  switch (errno) {
    case errnoNumbers.EPERM:
      return 'only root may use it (CAP_SYS_ADMIN)';
    case errnoNumbers.ELOOP:
      return 'the cache is on a file system that lies on another one, such as overlayfs; set cache_dir to a disk';
    default:
      return `the kernel does not take files from the file system of the cache (errno ${errno})`;
  }
}

/** The state as a person reads it. */
export function passthroughText(state: PassthroughState): string {
  return state.on
    ? 'cached files are read and written by the kernel itself (passthrough)'
    : `all reads and writes go through the daemon: no passthrough, ${state.why}`;
}
