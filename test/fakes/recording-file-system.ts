import type { FileSystem, Request } from '../../src/fuse/file-system.ts';

/** A call that a file system got, without its `Request`. */
export interface RecordedCall {
  readonly method: string;
  readonly parameters: readonly unknown[];
}

const methods = [
  'lookup getattr setattr readlink symlink link mknod mkdir unlink rmdir rename open create write flush release fsync',
  'fallocate lseek opendir releasedir fsyncdir statfs getxattr listxattr setxattr removexattr forget',
]
  .join(' ')
  .split(' ');

/** A file system that writes down how it is called, and answers what `answer` says. */
export function recordingFileSystem(
  answer: (method: string, request: Request) => unknown,
  extra: Partial<FileSystem> = {},
): { fileSystem: FileSystem; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const read: FileSystem['read'] = (_node, _handle, _offset, into) => into.fill(0xff).length;
  const fileSystem: Record<string, unknown> = { read, readdir: () => undefined };
  for (const method of methods) {
    fileSystem[method] = (...parameters: unknown[]) => {
      const own = method === 'forget' ? parameters : parameters.slice(0, -1);
      calls.push({ method, parameters: structuredClone(own) });
      return answer(method, parameters.at(-1) as Request);
    };
  }
  return { fileSystem: { ...fileSystem, ...extra } as unknown as FileSystem, calls };
}
