import { type ChildProcess, spawn } from 'node:child_process';
import type { MountEntry } from './mount-table.ts';

/**
 * Its standard input tells it the device and the (escaped) path of the mount, then perhaps that it is not needed any more. When
 * the input ends without that, the daemon is gone, however it died; then the arguments, a command that unmounts lazily, are
 * run, if that mount is still what stands there: somebody may have mounted anew meanwhile.
 */
const script = `
trap '' HUP INT TERM
cd /
read -r device path || exit 0
read -r dismissed && exit 0
top=
while read -r id parent number root point rest; do
  [ "$point" = "$path" ] && top=$number
done < /proc/self/mountinfo
[ "$top" = "$device" ] && exec "$@"
`;

/**
 * A process that outlives the daemon and takes its mount away. It is a shell: about a megabyte, asleep. Begin it before
 * mounting, so that the daemon has next to no time in which to die and leave a dead mount.
 */
export class MountGuard {
  readonly #child: ChildProcess;

  /** `unmountCommand` is a program and its arguments. */
  constructor(unmountCommand: readonly string[]) {
    // A session of its own: neither Ctrl-C nor the death of the daemon's process group reaches it.
    this.#child = spawn('/bin/sh', ['-c', script, 'mount-guard', ...unmountCommand], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#child.unref();
    this.#child.on('error', (error) => process.emitWarning(error));
    this.#child.stdin?.on('error', (error) => process.emitWarning(error));
    // A socket beneath, which must not keep the process alive either.
    (this.#child.stdin as { unref?(): void } | null)?.unref?.();
  }

  /** The mount has come to be. */
  watch({ device, escapedPath }: MountEntry): void {
    this.#child.stdin?.write(`${device} ${escapedPath}\n`);
  }

  /** The mount is gone already, or never came to be. */
  dismiss(): void {
    this.#child.stdin?.end('dismissed\n');
  }

  /** Unmount now. */
  act(): void {
    this.#child.stdin?.end();
  }
}
