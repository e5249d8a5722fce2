import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { MountError } from './mount-error.ts';
import type { MountRequest } from './mount-request.ts';
import type { Syscalls } from './syscalls.ts';

/** The program that mounts for users who are not root; it belongs to root and is setuid. */
export const helper = 'fusermount3';

/**
 * Mounts by fusermount3, for anybody. It opens /dev/fuse itself and sends the descriptor (SCM_RIGHTS) over the socket whose number
 * `_FUSE_COMMFD` names. Throws `MountError` NoDevice, NoHelper, NotPermitted, Failed.
 */
export async function mountByHelper(request: MountRequest, syscalls: Syscalls): Promise<number> {
  const { mountPoint } = request;
  if (!existsSync('/dev/fuse')) throw new MountError('NoDevice', mountPoint, 'there is no /dev/fuse');
  const options = [
    `fsname=${escapeOption(request.source)}`,
    `subtype=${request.type}`,
    'nosuid',
    'nodev',
    ...(request.readOnly ? ['ro'] : []),
    ...request.options,
  ];
  const [ours, theirs] = syscalls.socketPair();
  try {
    const child = spawn(helper, ['-o', options.join(','), '--', mountPoint], {
      stdio: ['ignore', 'ignore', 'pipe', theirs],
      env: { ...process.env, _FUSE_COMMFD: '3' },
    });
    closeSync(theirs);
    const ended = endOf(child, mountPoint);
    const descriptor = await syscalls.receiveDescriptor(ours);
    const complaint = await ended;
    if (descriptor >= 0) return descriptor;
    throw refusal(mountPoint, complaint);
  } finally {
    closeSync(ours);
  }
}

/** Unmounts by fusermount3. Throws `MountError` NoHelper, Busy, Failed. */
export async function unmountByHelper(mountPoint: string, lazy: boolean): Promise<void> {
  const child = spawn(helper, ['-u', ...(lazy ? ['-z'] : []), '--', mountPoint], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const complaint = await endOf(child, mountPoint);
  if (child.exitCode === 0) return;
  if (/busy/i.test(complaint)) throw new MountError('Busy', mountPoint, 'files are open in it');
  throw new MountError('Failed', mountPoint, complaint || `${helper} failed`);
}

/** What the helper complained of, once it has ended. */
function endOf(child: ChildProcess, mountPoint: string): Promise<string> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Awaited after the descriptor; until then a failure must not count as unhandled.
  promise.catch(() => undefined);
  child.once('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') return reject(cause);
    const message = `${helper} is missing; install the Debian package fuse3, or mount as root`;
    reject(new MountError('NoHelper', mountPoint, message, { cause }));
  });
  child.once('close', () => resolve(complaint.trim()));
  return promise;
}

function refusal(mountPoint: string, complaint: string): MountError {
  const forbidden = /permission|permitted|not allowed|only allowed|no write access|user has no/i.test(complaint);
  return new MountError(forbidden ? 'NotPermitted' : 'Failed', mountPoint, complaint || `${helper} failed`);
}

/** Commas end an option; fusermount3 takes them with a backslash before. */
function escapeOption(value: string): string {
  return value.replace(/[\\,]/g, '\\$&');
}
