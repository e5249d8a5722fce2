import type { Ownership, TreeNode } from '../cache/node-tree.ts';
import type { Attributes, Request } from '../fuse/file-system.ts';

/** Parts of `st_mode` (inode(7)). */
export const fileType = {
  mask: 0o170000,
  regular: 0o100000,
  directory: 0o040000,
  symbolicLink: 0o120000,
  setGroupId: 0o2000,
} as const;
const permissionBits = 0o7777;

const directorySize = 4096;

/** How a node stands to the kernel. */
export interface NodeStanding {
  /** Its inode number. */
  readonly ino: number;
  /** It has no name any more. */
  readonly removed: boolean;
  /** Bytes of the disk that it takes. @default its size */
  readonly onDisk?: number | undefined;
}

/** A tree's node as stat(2) shows it. */
export function attributesOf(node: TreeNode, { ino, removed, onDisk }: NodeStanding): Attributes {
  const directory = node.kind === 'directory';
  const size = directory ? directorySize : node.size;
  return {
    ino,
    size,
    blocks: Math.ceil((onDisk ?? size) / 512),
    mode: modeOf(node),
    // One link to a directory means "not counted": find(1) then does not conclude that it has no subdirectories.
    nlink: removed ? 0 : 1,
    uid: node.uid,
    gid: node.gid,
    atime: node.readAt,
    mtime: node.modified,
    ctime: node.changed,
  };
}

/** Everybody may follow a symbolic link (symlink(7)). */
function modeOf({ kind, link, mode }: TreeNode): number {
  if (link) return fileType.symbolicLink | 0o777;
  return (kind === 'directory' ? fileType.directory : fileType.regular) | (mode & permissionBits);
}

/** What a control file or directory looks like. */
export interface ControlAttributes {
  readonly ino: number;
  readonly directory: boolean;
  readonly permissions: number;
  readonly size: number;
  readonly modified: number;
}

/** A node that is shown beside the tree, owned by the user of the daemon. */
export function controlAttributesOf(node: ControlAttributes, uid: number, gid: number): Attributes {
  const size = node.directory ? directorySize : node.size;
  return {
    ino: node.ino,
    size,
    blocks: Math.ceil(size / 512),
    mode: (node.directory ? fileType.directory : fileType.regular) | node.permissions,
    nlink: 1,
    uid,
    gid,
    atime: node.modified,
    mtime: node.modified,
    ctime: node.modified,
  };
}

/**
 * Whose a new node is: the caller's, and below a set-group-ID directory that directory's group, which its subdirectories
 * hand on (inode(7)). The caller's umask is in `mode` already.
 */
export function ownershipOf(parent: TreeNode, mode: number, request: Request, directory: boolean): Ownership {
  const permissions = mode & permissionBits;
  if ((parent.mode & fileType.setGroupId) === 0) return { mode: permissions, uid: request.uid, gid: request.gid };
  return {
    mode: directory ? permissions | fileType.setGroupId : permissions,
    uid: request.uid,
    gid: parent.gid,
  };
}
