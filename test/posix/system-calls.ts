import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

/**
 * System calls that `node:fs` does not offer. They block, and throw an error with the symbolic name of errno(3) as its `code`,
 * as those of `node:fs` do.
 */
const c = koffi.load(null);

const calls = {
  lseek: c.func('int64_t lseek(int, int64_t, int)'),
  fallocate: c.func('int fallocate(int, int, int64_t, int64_t)'),
  copyFileRange: c.func('int64_t copy_file_range(int, void *, int, void *, size_t, unsigned int)'),
  renameat2: c.func('int renameat2(int, const char *, int, const char *, unsigned int)'),
  flock: c.func('int flock(int, int)'),
  fcntl: c.func('int fcntl(int, int, void *)'),
  utimensat: c.func('int utimensat(int, const char *, void *, int)'),
  mknod: c.func('int mknod(const char *, unsigned int, uint64_t)'),
  fadvise: c.func('int posix_fadvise(int, int64_t, int64_t, int)'),
  openBytes: c.func('int open(const void *, int, int)'),
  setxattr: c.func('int lsetxattr(const char *, const char *, const void *, size_t, int)'),
  getxattr: c.func('int64_t lgetxattr(const char *, const char *, void *, size_t)'),
  listxattr: c.func('int64_t llistxattr(const char *, void *, size_t)'),
  removexattr: c.func('int lremovexattr(const char *, const char *)'),
} as const;

/** The error of the system call that failed last. */
export function lastError(call: string): NodeJS.ErrnoException {
  const errno = koffi.errno();
  return systemError(call, errno);
}

function systemError(call: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${call}: ${code}`), { code, errno: -errno, syscall: call });
}

function checked(call: string, result: number): number {
  if (result < 0) throw lastError(call);
  return result;
}

/** Values of fcntl.h, stdio.h, sys/file.h, sys/stat.h and unistd.h, the same on every Linux that Node's builds support. */
export const constantsOfLinux = {
  SEEK_SET: 0,
  SEEK_CUR: 1,
  SEEK_END: 2,
  SEEK_DATA: 3,
  SEEK_HOLE: 4,
  FALLOC_FL_KEEP_SIZE: 1,
  FALLOC_FL_PUNCH_HOLE: 2,
  FALLOC_FL_COLLAPSE_RANGE: 8,
  FALLOC_FL_ZERO_RANGE: 16,
  RENAME_NOREPLACE: 1,
  RENAME_EXCHANGE: 2,
  LOCK_SH: 1,
  LOCK_EX: 2,
  LOCK_NB: 4,
  LOCK_UN: 8,
  XATTR_CREATE: 1,
  XATTR_REPLACE: 2,
  S_IFIFO: 0o010000,
  S_IFCHR: 0o020000,
  S_IFSOCK: 0o140000,
} as const;

const currentDirectory = -100;
const noFollow = 0x100;

/** lseek(2): moves the position of a descriptor; the new position. */
export function lseek(descriptor: number, offset: number, whence: number): number {
  return checked('lseek', calls.lseek(descriptor, offset, whence));
}

/** fallocate(2). */
export function fallocate(descriptor: number, mode: number, offset: number, length: number): void {
  checked('fallocate', calls.fallocate(descriptor, mode, offset, length));
}

/** A descriptor and where to begin; without an offset the descriptor's own position is used and moved. */
export interface CopyEnd {
  readonly descriptor: number;
  readonly offset?: number;
}

/** copy_file_range(2); the number of bytes that were copied. */
export function copyFileRange(from: CopyEnd, to: CopyEnd, length: number): number {
  const pointer = ({ offset }: CopyEnd): BigInt64Array | null =>
    offset === undefined ? null : new BigInt64Array([BigInt(offset)]);
  return checked(
    'copy_file_range',
    calls.copyFileRange(from.descriptor, pointer(from), to.descriptor, pointer(to), length, 0),
  );
}

/** renameat2(2) with flags. */
export function renameWith(from: string, to: string, flags: number): void {
  checked('renameat2', calls.renameat2(currentDirectory, from, currentDirectory, to, flags));
}

/** flock(2). */
export function flock(descriptor: number, operation: number): void {
  checked('flock', calls.flock(descriptor, operation));
}

/** utimensat(2) on the name itself, in nanoseconds since the epoch. `now` and `omit` are UTIME_NOW and UTIME_OMIT. */
export function setTimes(path: string, accessed: bigint | 'now' | 'omit', modified: bigint | 'now' | 'omit'): void {
  const times = new BigInt64Array([...timespec(accessed), ...timespec(modified)]);
  checked('utimensat', calls.utimensat(currentDirectory, path, times, noFollow));
}

function timespec(time: bigint | 'now' | 'omit'): [bigint, bigint] {
  if (time === 'now') return [0n, (1n << 30n) - 1n];
  if (time === 'omit') return [0n, (1n << 30n) - 2n];
  const nanoseconds = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(time - nanoseconds) / 1_000_000_000n, nanoseconds];
}

/** mknod(2) without a device number; `mode` holds the type. */
export function makeNode(path: string, mode: number): void {
  checked('mknod', calls.mknod(path, mode, 0));
}

/** posix_fadvise(2) with POSIX_FADV_DONTNEED: the kernel drops the cached pages of a file that are clean. */
export function dropPages(descriptor: number): void {
  const errno = calls.fadvise(descriptor, 0, 0, 4) as number;
  if (errno !== 0) throw systemError('posix_fadvise', errno);
}

/** open(2) of a path given as bytes, which need not be UTF-8. */
export function openBytes(path: Uint8Array, flags: number, mode = 0o666): number {
  return checked('open', calls.openBytes(Buffer.concat([path, Buffer.of(0)]), flags, mode));
}

/** Values of fcntl.h: a lock of the process (F_SETLK) or of the open file (F_OFD_SETLK), none of them waits. */
const lockCommands = { process: 6, openFile: 37 } as const;
const lockTypes = { read: 0, write: 1, none: 2 } as const;

/** fcntl(2) on `[start, start + length)` of a file; a length of 0 reaches to the end. */
export function lockRange(
  descriptor: number,
  owner: keyof typeof lockCommands,
  type: keyof typeof lockTypes,
  [start, length]: readonly [number, number] = [0, 0],
): void {
  const lock = flockStruct(lockTypes[type], start, length);
  checked('fcntl', calls.fcntl(descriptor, lockCommands[owner], lock));
}

/** F_GETLK: the process that keeps this one from locking the whole file for writing; undefined when none does. */
export function lockHolder(descriptor: number): number | undefined {
  const lock = flockStruct(lockTypes.write, 0, 0);
  checked('fcntl', calls.fcntl(descriptor, 5, lock));
  const view = new DataView(lock.buffer);
  return view.getInt16(0, true) === lockTypes.none ? undefined : view.getInt32(24, true);
}

/** struct flock of 64 bits: type and whence (16 bits each), start, length (64 bits each, aligned), process (32 bits). */
function flockStruct(type: number, start: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, type, true);
  view.setBigInt64(8, BigInt(start), true);
  view.setBigInt64(16, BigInt(length), true);
  return bytes;
}

/** lsetxattr(2). */
export function setAttribute(path: string, name: string, value: string | Uint8Array, flags = 0): void {
  const bytes = Buffer.from(value as string);
  checked('setxattr', calls.setxattr(path, name, bytes, bytes.length, flags));
}

/** lgetxattr(2) into a buffer of `room` bytes. */
export function getAttribute(path: string, name: string, room = 65_536): Buffer {
  const bytes = Buffer.alloc(room);
  return bytes.subarray(0, checked('getxattr', calls.getxattr(path, name, bytes, room)));
}

/** lgetxattr(2) with no room: the length of the value. */
export function attributeLength(path: string, name: string): number {
  return checked('getxattr', calls.getxattr(path, name, null, 0));
}

/** llistxattr(2), sorted. */
export function listAttributes(path: string): string[] {
  const bytes = Buffer.alloc(65_536);
  const length = checked('listxattr', calls.listxattr(path, bytes, bytes.length));
  return bytes.subarray(0, length).toString().split('\0').filter(Boolean).sort();
}

/** lremovexattr(2). */
export function removeAttribute(path: string, name: string): void {
  checked('removexattr', calls.removexattr(path, name));
}
