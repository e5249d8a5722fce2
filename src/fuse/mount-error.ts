/**
 * Why a mount could not be made or undone:
 *
 * - `NoDevice`: this system has no /dev/fuse.
 * - `NoHelper`: fusermount3 is not installed.
 * - `NotPermitted`: the kernel or the helper refused this user.
 * - `NotFound`, `NotADirectory`, `NotEmpty`, `AlreadyMounted`: what stands at the mount point.
 * - `DeadMount`: a mount whose process is gone stands there; unmount it first.
 * - `Busy`: files of the mount are open; end their users, or unmount lazily.
 * - `Failed`: anything else; see the message.
 */
export type MountErrorCode =
  | 'NoDevice'
  | 'NoHelper'
  | 'NotPermitted'
  | 'NotFound'
  | 'NotADirectory'
  | 'NotEmpty'
  | 'AlreadyMounted'
  | 'DeadMount'
  | 'Busy'
  | 'Failed';

/** Mounting or unmounting failed. Codes are API, messages are for people. */
export class MountError extends Error {
  readonly code: MountErrorCode;
  readonly mountPoint: string;

  constructor(code: MountErrorCode, mountPoint: string, message: string, options?: ErrorOptions) {
    super(`${mountPoint}: ${message}`, options);
    this.code = code;
    this.mountPoint = mountPoint;
  }

  static {
    Object.defineProperty(MountError.prototype, 'name', { value: 'MountError', enumerable: false });
  }
}
