import { isStoreError } from '../store/errors.ts';
import { MountError, type MountErrorCode } from '../fuse/mount-error.ts';
import { CommandError } from './command-error.ts';
import type { ExitReason } from './exit-codes.ts';

/** What can be done about it, where that is not plain. */
const remedies: Partial<Record<MountErrorCode, string>> = {
  NoDevice:
    'This system offers no FUSE. Load it with "sudo modprobe fuse"; start a container with "--device /dev/fuse --cap-add SYS_ADMIN".',
  NoHelper:
    'Install the package "fuse3" (Debian, Ubuntu, Fedora: "apt install fuse3" or "dnf install fuse3"), or run as root.',
  NotPermitted:
    'Mounting as another user than root needs "fusermount3" with its set-user-id bit and write permission on /dev/fuse and the mount point; a container needs "--device /dev/fuse --cap-add SYS_ADMIN".',
  NotFound: 'Its parent directory must exist.',
  NotEmpty: 'Choose an empty directory: what is in this one would be hidden.',
  AlreadyMounted: '"cloudfusion status" shows what a mount of CloudFusion does, "cloudfusion stop" ends it.',
};

/** What a failed command prints and exits with. */
export interface Failure {
  readonly reason: ExitReason;
  readonly message: string;
}

/** Puts an error of any part into words for people. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandError) return { reason: error.reason, message: error.message };
  if (error instanceof MountError) {
    const remedy = remedies[error.code];
    return { reason: 'cannotMount', message: remedy === undefined ? error.message : `${error.message}\n${remedy}` };
  }
  if (isStoreError(error)) return { reason: 'store', message: error.message };
  if (!(error instanceof Error)) return { reason: 'failed', message: String(error) };
  return { reason: reasons[error.name] ?? 'failed', message: error.message };
}

/** By name, since a masked copy of an error has its name but not its class. */
const reasons: Readonly<Record<string, ExitReason>> = {
  ConfigurationError: 'configuration',
  DirectoryInUseError: 'busy',
};
