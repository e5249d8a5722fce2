/**
 * Numbers of the FUSE protocol, version 7.31 to 7.45 (linux/fuse.h). All structs are little-endian here and padded to 8 bytes.
 */

/** FUSE_KERNEL_VERSION. */
export const protocolMajor = 7;
/** The newest FUSE_KERNEL_MINOR_VERSION that this code knows (Linux 6.18). */
export const protocolMinor = 45;
/** The oldest minor that is served (Linux 5.4). */
export const oldestMinor = 31;

/** FUSE_ROOT_ID: the node number of the root of every file system. */
export const rootNode = 1;

/** enum fuse_opcode. */
export const opcodes = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  SETXATTR: 21,
  GETXATTR: 22,
  LISTXATTR: 23,
  REMOVEXATTR: 24,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  NOTIFY_REPLY: 41,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  READDIRPLUS: 44,
  RENAME2: 45,
  LSEEK: 46,
} as const;

/** INIT flags, bits 0 to 31 (`flags` of struct fuse_init_in and fuse_init_out). */
export const initFlags = {
  ASYNC_READ: 0x1,
  ATOMIC_O_TRUNC: 0x8,
  EXPORT_SUPPORT: 0x10,
  BIG_WRITES: 0x20,
  AUTO_INVAL_DATA: 0x1000,
  DO_READDIRPLUS: 0x2000,
  READDIRPLUS_AUTO: 0x4000,
  ASYNC_DIO: 0x8000,
  WRITEBACK_CACHE: 0x10000,
  PARALLEL_DIROPS: 0x40000,
  ABORT_ERROR: 0x200000,
  MAX_PAGES: 0x400000,
  CACHE_SYMLINKS: 0x800000,
  EXPLICIT_INVAL_DATA: 0x2000000,
  HANDLE_KILLPRIV_V2: 0x10000000,
  SETXATTR_EXT: 0x20000000,
  INIT_EXT: 0x40000000,
} as const;

/** INIT flags, bits 32 to 63, shifted down (`flags2`); read only with INIT_EXT. */
export const initFlags2 = {
  HAS_EXPIRE_ONLY: 0x8,
  DIRECT_IO_ALLOW_MMAP: 0x10,
  PASSTHROUGH: 0x20,
} as const;

/** FATTR_*: which fields of struct fuse_setattr_in are set. */
export const attributeBits = {
  MODE: 0x1,
  UID: 0x2,
  GID: 0x4,
  SIZE: 0x8,
  ATIME: 0x10,
  MTIME: 0x20,
  FH: 0x40,
  ATIME_NOW: 0x80,
  MTIME_NOW: 0x100,
} as const;

/** FUSE_GETATTR_FH: the handle of struct fuse_getattr_in is valid. */
export const getattrHandle = 1;
/** FUSE_FSYNC_FDATASYNC. */
export const fsyncDataOnly = 1;

/** FOPEN_*: `open_flags` of struct fuse_open_out. */
export const openBits = {
  DIRECT_IO: 0x1,
  KEEP_CACHE: 0x2,
  CACHE_DIR: 0x8,
  NOFLUSH: 0x20,
  PASSTHROUGH: 0x80,
} as const;

/** RENAME_* of linux/fs.h, as FUSE_RENAME2 carries them. */
export const renameBits = { NOREPLACE: 1, EXCHANGE: 2 } as const;

/** enum fuse_notify_code. */
export const notifyCodes = { INVAL_INODE: 2, INVAL_ENTRY: 3, DELETE: 6 } as const;
/** FUSE_EXPIRE_ONLY of struct fuse_notify_inval_entry_out: look the name up again, but do not tear it out of the cache. */
export const expireOnly = 1;

/** Sizes of structs in bytes. */
export const sizes = {
  /** struct fuse_in_header. */
  requestHeader: 40,
  /** struct fuse_out_header. */
  replyHeader: 16,
  /** struct fuse_entry_out. */
  entry: 128,
  /** struct fuse_attr_out. */
  attributes: 104,
  /** struct fuse_open_out. */
  open: 16,
  /** struct fuse_dirent without its name, which follows and is padded to 8. */
  directoryEntry: 24,
  /** struct fuse_write_in; the data follows. */
  write: 40,
  /** struct fuse_kstatfs. */
  statistics: 80,
  /** struct fuse_init_out. */
  init: 64,
  /** struct fuse_notify_inval_inode_out. */
  invalidateNode: 24,
  /** struct fuse_notify_inval_entry_out; the name and a NUL follow. */
  invalidateEntry: 16,
  /** struct fuse_notify_delete_out; the name and a NUL follow. */
  deleteEntry: 24,
} as const;

/** What a read buffer must hold beyond the largest write; a smaller read(2) answers EINVAL. */
export const requestOverhead = 4096;
/** What the kernel counts memory in, with which `max_pages` is multiplied. */
export const pageBytes = 4096;

/** Longest name in bytes (NAME_MAX of linux/limits.h), announced by STATFS. */
export const maxNameBytes = 255;

/** d_type of struct dirent: the type bits of a mode, shifted down by 12. */
export const entryTypes = { directory: 4, file: 8 } as const;

/** ioctl(2) requests on the device, magic 229: FUSE_DEV_IOC_CLONE, FUSE_DEV_IOC_BACKING_OPEN, FUSE_DEV_IOC_BACKING_CLOSE. */
export const ioctls = { clone: 0x8004e500, backingOpen: 0x4010e501, backingClose: 0x4004e502 } as const;

/** Errors that the protocol's device and mount(2) answer with beyond those of `errnoNumbers` (asm-generic/errno.h). */
export const deviceErrors = { EPROTO: 71, ECONNABORTED: 103 } as const;
