import { closeSync, write } from 'node:fs';
import { ioctls } from './abi.ts';
import type { FuseDevice } from './device.ts';
import type { Syscalls } from './syscalls.ts';

/** A descriptor of /dev/fuse as a `FuseDevice`. Throws when it cannot be made non-blocking. */
export function kernelDevice(descriptor: number, syscalls: Syscalls): FuseDevice {
  const result = syscalls.setNonBlocking(descriptor);
  if (result < 0) throw new Error(`the FUSE device cannot be made non-blocking: errno ${-result}`);
  return {
    read: (into) => syscalls.read(descriptor, into),
    write: (message, length) => syscalls.write(descriptor, message, length),
    writeTwo: (head, headLength, data) => syscalls.writeTwo(descriptor, head, headLength, data),
    writeApart: (message) =>
      new Promise((resolve) => {
        write(descriptor, message, (error, written) => resolve(error === null ? written : (error.errno ?? -5)));
      }),
    openBacking: (file) => {
      // struct fuse_backing_map: the descriptor, flags, padding.
      const map = new Int32Array([file, 0, 0, 0]);
      return syscalls.ioctl(descriptor, ioctls.backingOpen, new Uint8Array(map.buffer));
    },
    closeBacking: (backing) =>
      syscalls.ioctl(descriptor, ioctls.backingClose, new Uint8Array(new Uint32Array([backing]).buffer)),
    isOpenElsewhere: (file) => syscalls.isOpenElsewhere(file),
    holes: syscalls,
    watch: (readable) => syscalls.watch(descriptor, readable),
    close: () => closeSync(descriptor),
  };
}
