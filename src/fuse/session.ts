import { initFlags, initFlags2, opcodes, sizes } from './abi.ts';
import { MalformedRequest, RequestReader } from './decode.ts';
import type { FuseDevice } from './device.ts';
import { DirectoryWriter } from './directory-writer.ts';
import { dispatch, isAnswered } from './dispatch.ts';
import { ReplyWriter } from './encode.ts';
import { Errno, errnoNumbers } from './errno.ts';
import { type Encode, type Exchange, outcomes } from './exchange.ts';
import type { Answer, BackingFiles, Connection, FileSystem } from './file-system.ts';
import { type Negotiated, negotiate, requestBufferBytes, type SessionOptions } from './init.ts';
import { KernelRequest } from './kernel-request.ts';
import { DeviceNotifier } from './notifier.ts';
import { WireBuffer } from './wire-buffer.ts';

/** From here on a later answer is sent from where it lies: below, copying is cheaper than a second buffer of a writev(2). */
const separateBytes = 16_384;

/** Refusals of a reply that mean that its request, or the whole mount, is gone. */
const goneErrors: ReadonlySet<number> = new Set([-errnoNumbers.ENOENT, -errnoNumbers.ENODEV, -errnoNumbers.ENOTCONN]);

/**
 * One connection with the kernel: takes requests, lets the file system answer, sends the replies. It reads nothing by itself:
 * `receive` is handed each request, by whoever reads the device, on the thread of the file system.
 *
 * A request that makes no sense, or whose handler throws, fails alone; `receive` never throws.
 */
export class Session implements Exchange {
  readonly fileSystem: FileSystem;
  readonly reader: RequestReader;
  readonly reply: ReplyWriter;
  readonly directory: DirectoryWriter;
  request: KernelRequest = new KernelRequest();
  longSetxattr = false;
  /** Resolves when the kernel and we agreed (INIT); rejects when we did not, or when the mount went before. */
  readonly ready: Promise<Connection>;

  readonly #device: FuseDevice;
  readonly #options: SessionOptions;
  readonly #ready: PromiseWithResolvers<Connection> = Promise.withResolvers<Connection>();
  /** Requests that wait for their promise, by number. */
  readonly #pending = new Map<number, KernelRequest>();
  #notifier: DeviceNotifier | undefined;
  #connection: Connection | undefined;
  #ended = false;

  constructor(fileSystem: FileSystem, device: FuseDevice, options: SessionOptions = {}) {
    this.fileSystem = fileSystem;
    this.#device = device;
    this.#options = options;
    const buffer = new WireBuffer(requestBufferBytes(options));
    this.reply = new ReplyWriter(buffer);
    this.directory = new DirectoryWriter(this.reply);
    this.reader = new RequestReader(buffer);
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined);
  }

  /** Serves the request in the first `length` bytes of `buffer`, which is free again when this returns. */
  receive(buffer: WireBuffer, length: number): void {
    const { reader } = this;
    if (this.#ended) return;
    if (length < sizes.requestHeader) return this.#report(new MalformedRequest(`a request of ${length} bytes`));
    reader.attach(buffer, length);
    this.request.begin(reader);
    const { opcode, uniqueLow, uniqueHigh } = reader;
    const outcome = this.#serve(opcode, length);
    if (outcome === outcomes.later || outcome === outcomes.none || !isAnswered(opcode)) return;
    if (outcome < 0) this.#send(this.reply.fail(uniqueLow, uniqueHigh, -outcome));
    else this.#send(this.reply.finish(uniqueLow, uniqueHigh, outcome));
    if (opcode === opcodes.INIT && outcome >= 0) this.#start();
    if (opcode === opcodes.DESTROY) this.#stop();
  }

  #serve(opcode: number, length: number): number {
    try {
      if (this.reader.announcedLength !== length)
        throw new MalformedRequest(`${length} bytes of a request of ${this.reader.announcedLength}`);
      if (opcode === opcodes.INIT) return this.#initialize();
      if (this.#notifier === undefined) throw new MalformedRequest(`opcode ${opcode} before INIT`);
      if (opcode === opcodes.DESTROY) return 0;
      return dispatch(this);
    } catch (error) {
      return -this.#errnoOf(error);
    }
  }

  #initialize(): number {
    if (this.#notifier !== undefined || this.reader.argumentBytes < 16) throw new MalformedRequest('not an INIT');
    const outcome = negotiate(this.reader, this.reply.buffer, this.#options);
    if (outcome.kind === 'refused') {
      this.#ready.reject(new Error(outcome.message));
      return -outcome.errno;
    }
    if (outcome.kind === 'settled') this.#connect(outcome.negotiated);
    return sizes.init;
  }

  #connect({ minor, maxWrite, flags, flags2 }: Negotiated): void {
    this.longSetxattr = (flags & initFlags.SETXATTR_EXT) !== 0;
    this.#notifier = new DeviceNotifier(this.#device, (flags2 & initFlags2.HAS_EXPIRE_ONLY) !== 0);
    const backing = (flags2 & initFlags2.PASSTHROUGH) === 0 ? undefined : this.#backingFiles();
    this.#connection = { minor, maxWrite, notify: this.#notifier, backing, holes: this.#device.holes };
  }

  /** After the reply: what was agreed on works from then on. */
  #start(): void {
    if (this.#connection === undefined) return;
    try {
      this.fileSystem.start?.(this.#connection);
      this.#ready.resolve(this.#connection);
    } catch (error) {
      this.#ready.reject(error);
      this.#report(error);
    }
  }

  #backingFiles(): BackingFiles {
    return {
      open: (descriptor) => (this.#ended ? -errnoNumbers.ENOTCONN : this.#device.openBacking(descriptor)),
      close: (backing) => {
        if (!this.#ended) this.#check(this.#device.closeBacking(backing));
      },
      isOpenElsewhere: (descriptor) => this.#device.isOpenElsewhere(descriptor),
    };
  }

  settle<T>(answer: Answer<T>, encode: Encode<T>): number {
    if (!(answer instanceof Promise)) return encode(this.reply, answer);
    const request = this.#retain();
    answer.then(
      (value) => this.#finish(request, () => this.#sendEncoded(request, encode(this.reply, value))),
      (error: unknown) => this.#fail(request, error),
    );
    return outcomes.later;
  }

  settleBytes(answer: Promise<Uint8Array>, most: number): number {
    const request = this.#retain();
    answer.then(
      (bytes) => this.#finish(request, () => this.#sendBytes(request, bytes, most)),
      (error: unknown) => this.#fail(request, error),
    );
    return outcomes.later;
  }

  interrupt(unique: number): void {
    // A request that is not here was answered while the interruption was on its way; the kernel knows.
    this.#pending.get(unique)?.abort(Errno.of('EINTR'));
  }

  /** The current request is answered later: it keeps its `Request`, and the next one gets another. */
  #retain(): KernelRequest {
    const { request } = this;
    this.#pending.set(request.unique, request);
    this.request = new KernelRequest();
    return request;
  }

  #finish(request: KernelRequest, send: () => void): void {
    if (this.#pending.get(request.unique) !== request) return;
    try {
      send();
      this.#pending.delete(request.unique);
    } catch (error) {
      this.#fail(request, error);
    }
  }

  #fail(request: KernelRequest, error: unknown): void {
    const errno = this.#errnoOf(error);
    // Once the session ended nobody waits, and the descriptor may belong to somebody else.
    if (this.#pending.get(request.unique) !== request) return;
    this.#pending.delete(request.unique);
    this.#send(this.reply.fail(request.uniqueLow, request.uniqueHigh, errno));
  }

  #sendEncoded(request: KernelRequest, payload: number): void {
    this.#send(this.reply.finish(request.uniqueLow, request.uniqueHigh, payload));
  }

  #sendBytes(request: KernelRequest, bytes: Uint8Array, most: number): void {
    if (bytes.length < separateBytes) return this.#sendEncoded(request, this.reply.data(bytes, most));
    if (bytes.length > most) throw new RangeError(`read ${bytes.length} bytes of ${most}`);
    this.reply.finish(request.uniqueLow, request.uniqueHigh, bytes.length);
    this.#check(this.#device.writeTwo(this.reply.buffer.bytes, sizes.replyHeader, bytes));
  }

  #send(length: number): void {
    this.#check(this.#device.write(this.reply.buffer.bytes, length));
  }

  #check(result: number): void {
    if (result < 0 && !goneErrors.has(result)) this.#report(new Error(`the kernel refused a reply: errno ${-result}`));
  }

  #errnoOf(error: unknown): number {
    if (error instanceof Errno) return error.number;
    this.#report(error);
    return errnoNumbers.EIO;
  }

  #report(error: unknown): void {
    const { onError } = this.#options;
    if (onError === undefined) process.emitWarning(error instanceof Error ? error : new Error(String(error)));
    else onError(error);
  }

  /** The kernel has gone. Aborts what waits, tells the file system, and resolves when the device may be closed. */
  async end(): Promise<void> {
    this.#stop();
    await this.#notifier?.close();
  }

  #stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ready.reject(new Error('the mount went away before it was ready'));
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const request of waiting) request.abort(Errno.of('ENOTCONN'));
    try {
      this.fileSystem.stop?.();
    } catch (error) {
      this.#report(error);
    }
  }
}
