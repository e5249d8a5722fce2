import type { FileSystem } from '../fuse/file-system.ts';

/** The requests that a part of the mount answers for its own nodes: all that concern one node or one directory. */
export type FileSystemPart = Required<
  Omit<FileSystem, 'start' | 'stop' | 'forget' | 'statfs' | 'link' | ForStoredNodes>
> &
  Pick<FileSystem, ForStoredNodes>;

/** Requests that only a part with a store behind it answers. */
type ForStoredNodes = 'readlink' | 'symlink' | 'setxattr' | 'removexattr';
