import { closeSync } from 'node:fs';
import type { FuseDevice } from './device.ts';
import { mountDirectly } from './direct-mount.ts';
import type { FileSystem, Notifier } from './file-system.ts';
import { mountByHelper } from './fusermount.ts';
import { maxWriteOf, requestBufferBytes, type SessionOptions } from './init.ts';
import { kernelDevice } from './kernel-device.ts';
import { MountError } from './mount-error.ts';
import { MountGuard } from './mount-guard.ts';
import { prepareMountPoint } from './mount-point.ts';
import type { MountRequest } from './mount-request.ts';
import { mountAt } from './mount-table.ts';
import { runRequestLoop } from './request-loop.ts';
import { Session } from './session.ts';
import { loadSyscalls, type Syscalls } from './syscalls.ts';
import { guardCommand, isRoot, type UnmountOptions, unmountPath } from './unmount.ts';

/** What is to be mounted, where and for whom. */
export interface MountOptions extends SessionOptions {
  /** An empty directory. */
  readonly mountPoint: string;
  /** What the mount table shows as the source. @default the type */
  readonly source?: string | undefined;
  /** What the mount table shows as the type, behind `fuse.`. @default "cloudfusion" */
  readonly type?: string | undefined;
  /** Users other than the one who mounts may enter. Not root needs `user_allow_other` in /etc/fuse.conf. @default false */
  readonly allowOther?: boolean | undefined;
  /** The kernel refuses every change (EROFS). @default false */
  readonly readOnly?: boolean | undefined;
  /** The kernel checks modes and owners before it asks the file system. @default true */
  readonly checkPermissions?: boolean | undefined;
}

/** A mount that is served by this process. */
export interface Mounted {
  /** Absolute, without symbolic links. */
  readonly mountPoint: string;
  readonly notify: Notifier;
  /** Resolves when the mount is gone and nothing of it is left here; rejects when serving it failed. */
  readonly finished: Promise<void>;
  /**
   * Takes the mount away. Without options it waits for `finished`, and throws `MountError` Busy while files are open.
   * With `lazy` the mount leaves the name space at once, and what is open is served until `finished`. With `force` what is
   * open fails with ENOTCONN at once.
   */
  unmount(options?: UnmountOptions & { readonly force?: boolean | undefined }): Promise<void>;
}

/**
 * Mounts a file system and serves it on this thread; resolves when the kernel is ready to ask. Should this process die, by any
 * means, a guard process unmounts. This process must never touch the mount with a synchronous call: it would wait for itself.
 *
 * Root mounts by mount(2), others by fusermount3. Throws `MountError`.
 */
export async function mountFileSystem(fileSystem: FileSystem, options: MountOptions): Promise<Mounted> {
  const request = await checkedRequest(options);
  const syscalls = await loadSyscalls();
  const guard = new MountGuard(guardCommand(request.mountPoint));
  try {
    const device = await connect(request, syscalls, guard);
    return await serve(fileSystem, options, request.mountPoint, device, guard);
  } catch (error) {
    guard.act();
    throw error;
  }
}

async function checkedRequest(options: MountOptions): Promise<MountRequest> {
  const type = options.type ?? 'cloudfusion';
  if (!/^[\w.-]+$/.test(type)) throw new TypeError(`not a file system type: ${type}`);
  const kernelOptions = [`max_read=${maxWriteOf(options)}`];
  if (options.checkPermissions !== false) kernelOptions.push('default_permissions');
  if (options.allowOther === true) kernelOptions.push('allow_other');
  return {
    mountPoint: await prepareMountPoint(options.mountPoint),
    source: options.source ?? type,
    type,
    options: kernelOptions,
    readOnly: options.readOnly === true,
  };
}

async function connect(request: MountRequest, syscalls: Syscalls, guard: MountGuard): Promise<FuseDevice> {
  const descriptor = isRoot() ? mountDirectly(request, syscalls) : await mountByHelper(request, syscalls);
  const entry = await mountAt(request.mountPoint);
  if (entry !== undefined) guard.watch(entry);
  try {
    return kernelDevice(descriptor, syscalls);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

async function serve(
  fileSystem: FileSystem,
  options: MountOptions,
  mountPoint: string,
  device: FuseDevice,
  guard: MountGuard,
): Promise<Mounted> {
  const stop = new AbortController();
  const session = new Session(fileSystem, device, options);
  const receive = session.receive.bind(session);
  const served = runRequestLoop(device, requestBufferBytes(options), receive, stop.signal);
  const finished = finish(served, session, device, guard);
  try {
    const { notify } = await session.ready;
    return {
      mountPoint,
      notify,
      finished,
      unmount: async ({ lazy = false, force = false } = {}) => {
        await unmountPath(mountPoint, { lazy: lazy || force });
        if (force) stop.abort();
        if (force || !lazy) await finished;
      },
    };
  } catch (cause) {
    stop.abort();
    await finished;
    await unmountPath(mountPoint, { lazy: true });
    throw new MountError('Failed', mountPoint, 'the kernel and the file system did not agree', { cause });
  }
}

async function finish(served: Promise<void>, session: Session, device: FuseDevice, guard: MountGuard): Promise<void> {
  try {
    await served;
    guard.dismiss();
  } catch (error) {
    guard.act();
    throw error;
  } finally {
    await session.end();
    device.close();
  }
}
