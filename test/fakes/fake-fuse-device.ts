import type { FuseDevice } from '../../src/fuse/device.ts';
import type { HoleCalls } from '../../src/fuse/file-system.ts';

const EAGAIN = -11;

/** A device in memory: requests are queued with `push`, what is written is kept. */
export class FakeFuseDevice implements FuseDevice {
  /** Replies and notifications, in the order in which they were sent. */
  readonly sent: Buffer[] = [];
  /** What `write` and its kin answer instead of a length. */
  failure: number | undefined;
  /** What `read` answers when nothing is queued. */
  idle: number = EAGAIN;
  closed = false;
  watching = false;
  reads = 0;
  /** Descriptors that were lent by `openBacking`, whose numbers count from 1, and the numbers that were taken back. */
  readonly lent: number[] = [];
  readonly takenBack: number[] = [];
  /** Holds `writeApart` back until it is called. */
  gate: Promise<void> = Promise.resolve();
  readonly #queue: Buffer[] = [];
  #readable: (() => void) | undefined;

  /** Queues requests and tells whoever watches. */
  push(...messages: Buffer[]): void {
    this.#queue.push(...messages);
    this.wake();
  }
  wake(): void {
    this.#readable?.();
  }
  get queued(): number {
    return this.#queue.length;
  }

  read(into: Uint8Array): number {
    this.reads++;
    const next = this.#queue.shift();
    if (next === undefined) return this.idle;
    into.set(next);
    return next.length;
  }
  write(message: Uint8Array, length: number): number {
    return this.#send(Buffer.from(message.subarray(0, length)));
  }
  writeTwo(head: Uint8Array, headLength: number, data: Uint8Array): number {
    return this.#send(Buffer.concat([head.subarray(0, headLength), data]));
  }
  async writeApart(message: Uint8Array): Promise<number> {
    await this.gate;
    return this.#send(Buffer.from(message));
  }
  openBacking(descriptor: number): number {
    this.lent.push(descriptor);
    return this.failure ?? this.lent.length;
  }
  closeBacking(backing: number): number {
    this.takenBack.push(backing);
    return this.failure ?? 0;
  }
  isOpenElsewhere(): boolean {
    return false;
  }
  readonly holes: HoleCalls = { seek: (_descriptor, offset) => offset, punch: () => 0 };
  watch(readable: () => void): () => void {
    this.watching = true;
    this.#readable = readable;
    return () => {
      this.watching = false;
      this.#readable = undefined;
    };
  }
  close(): void {
    this.closed = true;
  }

  #send(message: Buffer): number {
    if (this.closed) throw new Error('written to a closed device');
    this.sent.push(message);
    return this.failure ?? message.length;
  }
}
