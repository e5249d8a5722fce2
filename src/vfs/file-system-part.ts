import type { FileSystem } from '../fuse/file-system.ts';

/** The requests that a part of the mount answers for its own nodes: all that concern one node or one directory. */
export type FileSystemPart = Required<
  Omit<
    FileSystem,
    'start' | 'stop' | 'forget' | 'statfs' | 'readlink' | 'symlink' | 'link' | 'setxattr' | 'removexattr'
  >
>;
