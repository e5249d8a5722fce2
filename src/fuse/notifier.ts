import { deviceErrors, expireOnly, notifyCodes, sizes } from './abi.ts';
import type { FuseDevice } from './device.ts';
import { errnoNumbers } from './errno.ts';
import type { Notifier } from './file-system.ts';
import { WireBuffer } from './wire-buffer.ts';

const twoTo32 = 2 ** 32;

/** The kernel does not know the node or name, or it has gone altogether: nothing is left that could be out of date. */
const harmless: ReadonlySet<number> = new Set([
  -errnoNumbers.ENOENT,
  -errnoNumbers.ENODEV,
  -errnoNumbers.ENOTCONN,
  -deviceErrors.ECONNABORTED,
]);

/** Something is mounted there, or the kernel still has names in it: it looks again, and finds out by itself. */
const inUse: ReadonlySet<number> = new Set([-errnoNumbers.EBUSY, -errnoNumbers.ENOTEMPTY]);

/**
 * Sends notifications, one at a time and each on another thread: one may wait for a page that a pending read holds, and while it
 * does it must hold neither the thread that answers that read nor all of the threads that do file operations for it.
 */
export class DeviceNotifier implements Notifier {
  readonly #device: FuseDevice;
  readonly #expires: boolean;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  /** `expires`: whether HAS_EXPIRE_ONLY was agreed on. */
  constructor(device: FuseDevice, expires: boolean) {
    this.#device = device;
    this.#expires = expires;
  }

  invalidateNode(node: number, attributesOnly = false): Promise<void> {
    const message = new Message(notifyCodes.INVAL_INODE, sizes.invalidateNode);
    message.long(0, node);
    // A negative offset leaves the pages alone, a length of 0 reaches to the end.
    message.long(8, attributesOnly ? -1 : 0);
    return this.#send(message);
  }

  invalidateEntry(parent: number, name: string): Promise<void> {
    const message = new Message(notifyCodes.INVAL_ENTRY, sizes.invalidateEntry, name);
    message.long(0, parent);
    message.word(8, message.nameBytes);
    // Looked up again rather than torn out: a directory that did not change stays valid for those who stand in it.
    message.word(12, this.#expires ? expireOnly : 0);
    return this.#send(message);
  }

  deleteEntry(parent: number, node: number, name: string): Promise<void> {
    const message = new Message(notifyCodes.DELETE, sizes.deleteEntry, name);
    message.long(0, parent);
    message.long(8, node);
    message.word(16, message.nameBytes);
    return this.#send(message, (errno) => (inUse.has(errno) ? this.invalidateEntry(parent, name) : undefined));
  }

  /** Sends nothing more; resolves when the device is not in use. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
  }

  async #send(message: Message, instead?: (errno: number) => Promise<void> | undefined): Promise<void> {
    const sent = this.#sendAfter(this.#queue, message);
    this.#queue = sent.then(
      () => undefined,
      () => undefined,
    );
    const result = await sent;
    if (result >= 0 || harmless.has(result)) return;
    const other = instead?.(result);
    if (other === undefined) throw new Error(`the kernel refused a notification: errno ${-result}`);
    await other;
  }

  async #sendAfter(earlier: Promise<void>, message: Message): Promise<number> {
    await earlier;
    return this.#closed ? 0 : this.#device.writeApart(message.bytes);
  }
}

/** struct fuse_out_header with a notification's code in the place of the error, then its struct, then perhaps a name. */
class Message {
  readonly bytes: Uint8Array;
  readonly nameBytes: number;
  readonly #words: Uint32Array;

  constructor(code: number, structBytes: number, name?: string) {
    this.nameBytes = name === undefined ? 0 : Buffer.byteLength(name);
    const nameAt = sizes.replyHeader + structBytes;
    const length = nameAt + (name === undefined ? 0 : this.nameBytes + 1);
    const buffer = new WireBuffer((length + 7) & ~7);
    if (name !== undefined) buffer.bytes.write(name, nameAt, 'utf8');
    this.bytes = buffer.bytes.subarray(0, length);
    this.#words = buffer.words;
    this.#words[0] = length;
    this.#words[1] = code;
  }

  word(at: number, value: number): void {
    this.#words[(sizes.replyHeader + at) >>> 2] = value;
  }

  long(at: number, value: number): void {
    this.word(at, value);
    this.word(at + 4, Math.floor(value / twoTo32));
  }
}
