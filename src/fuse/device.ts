import type { HoleCalls } from './file-system.ts';

/**
 * One open /dev/fuse that is connected to a mount. Errors are negative errno numbers, since some of them (ENOENT, EAGAIN) are
 * ordinary.
 */
export interface FuseDevice {
  /** Takes the next request without waiting: its length, or -EAGAIN. */
  read(into: Uint8Array): number;
  /** Sends the first `length` bytes, which are one whole message. */
  write(message: Uint8Array, length: number): number;
  /** Sends one message that lies in two places. */
  writeTwo(head: Uint8Array, headLength: number, data: Uint8Array): number;
  /** As `write`, on another thread: the kernel may make a notification wait. */
  writeApart(message: Uint8Array): Promise<number>;
  /** As `BackingFiles.open`. */
  openBacking(descriptor: number): number;
  /** As `BackingFiles.close`; 0, or a negative errno. */
  closeBacking(backing: number): number;
  /** As `BackingFiles.isOpenElsewhere`. */
  isOpenElsewhere(descriptor: number): boolean | undefined;
  /** The holes of files of this machine. */
  readonly holes: HoleCalls;
  /** Calls back whenever there may be something to read, until the function that it answers is called. */
  watch(readable: () => void): () => void;
  /** Closes it, which ends the connection: nothing may be called afterwards. */
  close(): void;
}
