import {
  deviceErrors,
  initFlags,
  initFlags2,
  oldestMinor,
  pageBytes,
  protocolMajor,
  protocolMinor,
  requestOverhead,
  sizes,
} from './abi.ts';
import type { RequestReader } from './decode.ts';
import type { WireBuffer } from './wire-buffer.ts';

/** How a session is to be. Sizes in bytes. */
export interface SessionOptions {
  /** Largest data of one read or write; at most 1 MiB (256 pages). @default 1 MiB */
  readonly maxWrite?: number | undefined;
  /** How far the kernel may read ahead. @default 1 MiB */
  readonly maxReadAhead?: number | undefined;
  /** Requests of read-ahead and direct I/O that may wait at a time. @default 64 */
  readonly maxBackground?: number | undefined;
  /**
   * Files may be opened so that the kernel reads and writes a file of this machine in their place (`OpenReply.backing`), where
   * it can: Linux 6.9, and only for root. @default true
   */
  readonly passthrough?: boolean | undefined;
  /**
   * Told of failures that nobody else sees: a handler that threw something else than an `Errno`, a reply that the kernel refused,
   * a request that makes no sense. @default a process warning
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** What INIT settled. */
export interface Negotiated {
  readonly minor: number;
  readonly maxWrite: number;
  readonly flags: number;
  readonly flags2: number;
}

/** What an INIT request led to: settled, asked to come again with our major version, or refused with an errno. */
export type InitOutcome =
  | { readonly kind: 'settled'; readonly negotiated: Negotiated }
  | { readonly kind: 'again' }
  | { readonly kind: 'refused'; readonly errno: number; readonly message: string };

const most = 1 << 20;

/** The largest data of one request under these options. Throws `RangeError` for what the protocol cannot do. */
export function maxWriteOf(options: SessionOptions): number {
  const maxWrite = options.maxWrite ?? most;
  if (!Number.isInteger(maxWrite) || maxWrite < pageBytes || maxWrite > most || maxWrite % pageBytes !== 0)
    throw new RangeError(`maxWrite is a multiple of ${pageBytes} up to ${most}`);
  return maxWrite;
}

/** What a request buffer holds; a smaller read(2) on the device answers EINVAL. */
export function requestBufferBytes(options: SessionOptions): number {
  return maxWriteOf(options) + requestOverhead;
}

/**
 * What is asked of the kernel. Every feature of the protocol is switched here and nowhere else. Locks are not asked for, so the
 * kernel keeps them itself; nor is EXPORT_SUPPORT, since nodes cannot be found by number alone; nor WRITEBACK_CACHE, which
 * excludes PASSTHROUGH and moves size and time to the kernel (docs/decisions/0014).
 *
 * Of the two ways to drop cached pages neither is asked for. AUTO_INVAL_DATA drops them when the time of modification moved, so
 * after each write of our own; EXPLICIT_INVAL_DATA keeps them even when the size moved, and shows old bytes with zeros behind
 * them until a notification arrives. Without both, another size drops them and for all else there is `Notifier`.
 */
const wanted: number =
  initFlags.ASYNC_READ |
  initFlags.ATOMIC_O_TRUNC |
  initFlags.BIG_WRITES |
  initFlags.DO_READDIRPLUS |
  initFlags.READDIRPLUS_AUTO |
  initFlags.ASYNC_DIO |
  initFlags.PARALLEL_DIROPS |
  initFlags.ABORT_ERROR |
  initFlags.MAX_PAGES |
  initFlags.CACHE_SYMLINKS |
  // Without it the kernel asks for `security.capability` before every write.
  initFlags.HANDLE_KILLPRIV_V2 |
  initFlags.SETXATTR_EXT |
  initFlags.INIT_EXT;

const wanted2: number = initFlags2.HAS_EXPIRE_ONLY | initFlags2.DIRECT_IO_ALLOW_MMAP;

/**
 * `max_stack_depth`: how many file systems may lie on each other, with ours on the top. With 1 the files that the kernel reads in
 * the place of ours lie on a disk itself, and another stacked file system may still be put upon our mount.
 */
const stackDepth = 1;

/**
 * Reads struct fuse_init_in and writes struct fuse_init_out behind the reply's header (`sizes.init` bytes, unless refused).
 * linux/fuse.h, "Version negotiation": a newer major of the kernel is answered with ours, and it asks again.
 */
export function negotiate(reader: RequestReader, reply: WireBuffer, options: SessionOptions): InitOutcome {
  const major = reader.word(0);
  const minor = Math.min(reader.word(4), protocolMinor);
  const out = reply.words;
  const at = sizes.replyHeader / 4;
  out.fill(0, at, at + sizes.init / 4);
  out[at] = protocolMajor;
  out[at + 1] = protocolMinor;
  if (major > protocolMajor) return { kind: 'again' };
  if (major < protocolMajor || minor < oldestMinor)
    return {
      kind: 'refused',
      errno: deviceErrors.EPROTO,
      message: `the kernel speaks FUSE ${major}.${reader.word(4)}; needed is ${protocolMajor}.${oldestMinor} (Linux 5.4) or newer`,
    };
  const negotiated = choose(reader, minor, options);
  const background = options.maxBackground ?? 64;
  out[at + 2] = Math.min(reader.word(8), options.maxReadAhead ?? most);
  out[at + 3] = negotiated.flags;
  // max_background, congestion_threshold: three quarters of it, as the kernel has it by itself.
  out[at + 4] = background | (Math.floor((background * 3) / 4) << 16);
  out[at + 5] = negotiated.maxWrite;
  // time_gran in nanoseconds: what `ReplyWriter` keeps of a time.
  out[at + 6] = 1000;
  out[at + 7] = negotiated.maxWrite / pageBytes;
  out[at + 8] = negotiated.flags2;
  out[at + 9] = (negotiated.flags2 & initFlags2.PASSTHROUGH) === 0 ? 0 : stackDepth;
  return { kind: 'settled', negotiated };
}

function choose(reader: RequestReader, minor: number, options: SessionOptions): Negotiated {
  const offered = reader.word(12);
  const extended = (offered & initFlags.INIT_EXT) !== 0 && reader.argumentBytes >= 20;
  const all2 = options.passthrough === false ? wanted2 : wanted2 | initFlags2.PASSTHROUGH;
  return {
    minor,
    maxWrite: maxWriteOf(options),
    flags: offered & wanted,
    flags2: extended ? reader.word(16) & all2 : 0,
  };
}
