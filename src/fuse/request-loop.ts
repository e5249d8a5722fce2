import { availableParallelism } from 'node:os';
import { deviceErrors } from './abi.ts';
import type { FuseDevice } from './device.ts';
import { errnoNumbers } from './errno.ts';
import { WireBuffer } from './wire-buffer.ts';

/** Requests served before the event loop gets its turn: enough to make its cost small, few enough that timers stay on time. */
const budget = 32;

/**
 * Milliseconds for which the device is asked again and again after a request, before the thread sleeps. A program that makes
 * one call after another sends the next request within this time, and waking a sleeping thread costs more than serving one.
 * Not where a single processor would keep that very program from running.
 */
const attention = availableParallelism() > 1 ? 0.05 : 0;

/** read(2) on the device: no request is there (any more), look again. fuse(4) and fs/fuse/dev.c. */
const againErrors: ReadonlySet<number> = new Set([-errnoNumbers.EAGAIN, -errnoNumbers.EINTR, -errnoNumbers.ENOENT]);

/** The mount is gone, or somebody aborted its connection. */
const goneErrors: ReadonlySet<number> = new Set([-errnoNumbers.ENODEV, -deviceErrors.ECONNABORTED]);

/**
 * Hands each request of the device to `receive`, on this thread, whenever the event loop finds one. Resolves when the kernel has
 * gone or `stop` is aborted; rejects on any other failure of the device.
 *
 * Whatever else reads the device (a thread that waits in read(2), say) has to do no more than this: fill a buffer, and have
 * `receive` called on the thread of the file system.
 */
export function runRequestLoop(
  device: FuseDevice,
  bufferBytes: number,
  receive: (buffer: WireBuffer, length: number) => void,
  stop: AbortSignal,
): Promise<void> {
  const buffer = new WireBuffer(bufferBytes);
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      unwatch();
      stop.removeEventListener('abort', stopped);
      if (error === undefined) resolve();
      else reject(error);
    };
    const stopped = (): void => end();
    const unwatch = device.watch(() => {
      let lastAt = -attention;
      for (let served = 0; served < budget && !stop.aborted; ) {
        const length = device.read(buffer.bytes);
        if (length >= 0) {
          receive(buffer, length);
          served++;
          lastAt = performance.now();
        } else if (!againErrors.has(length)) {
          return end(goneErrors.has(length) ? undefined : failure(length));
        } else if (performance.now() - lastAt >= attention) {
          return;
        }
      }
    });
    stop.addEventListener('abort', stopped);
  });
}

function failure(result: number): Error {
  return new Error(`reading the FUSE device failed: errno ${-result}`);
}
