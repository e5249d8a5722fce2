import { createHash, type Hash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SourceFailure } from '../../../http/source-failure.ts';
import { exactStream } from '../../../store/exact-stream.ts';
import type { CallOptions, Source } from '../../../store/store.ts';
import { emptyPayload, unsignedPayload } from './signature-v4.ts';

/** Which sums of a body are wanted before it is sent. */
export interface WantedSums {
  readonly sha256: boolean;
  readonly md5: boolean;
  readonly crc32: boolean;
}

/** A body that is ready to be sent, again and again. */
export interface Payload {
  readonly content: Uint8Array | Source | undefined;
  /** As the signature tells it. */
  readonly sha256: string;
  readonly md5?: Buffer | undefined;
  readonly crc32?: number | undefined;
}

/** A request without a body. */
export const noPayload: Payload = { content: undefined, sha256: emptyPayload };

/** Up to here a body is read into memory once; above, it is read once for its sums and once for each time it is sent. */
const heldBytes = 16 << 20;

/** A text as a payload: it is short, so it is always signed. */
export function textPayload(text: string): Payload {
  const content = Buffer.from(text);
  return { content, sha256: hash('sha256', content), md5: createHash('md5').update(content).digest() };
}

/** Reads a source for its sums, unless none is wanted. Throws `SourceFailure` for what the source throws. */
export async function sourcePayload(source: Source, wanted: WantedSums, options: CallOptions = {}): Promise<Payload> {
  if (!wanted.sha256 && !wanted.md5 && !wanted.crc32) return { content: source, sha256: unsignedPayload };
  const sums = new Sums(wanted);
  // A copy: the source may use its own buffers again.
  const held = source.size <= heldBytes ? Buffer.allocUnsafe(source.size) : undefined;
  let at = 0;
  try {
    for await (const chunk of exactStream(source, options)) {
      sums.update(chunk);
      held?.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    throw new SourceFailure(error);
  }
  return { content: held ?? source, ...sums.results() };
}

/** Sums of bytes as they pass. */
class Sums {
  readonly #sha256: Hash | undefined;
  readonly #md5: Hash | undefined;
  #crc32: number | undefined;

  constructor(wanted: WantedSums) {
    this.#sha256 = wanted.sha256 ? createHash('sha256') : undefined;
    this.#md5 = wanted.md5 ? createHash('md5') : undefined;
    this.#crc32 = wanted.crc32 ? 0 : undefined;
  }

  update(chunk: Uint8Array): void {
    this.#sha256?.update(chunk);
    this.#md5?.update(chunk);
    if (this.#crc32 !== undefined) this.#crc32 = crc32(chunk, this.#crc32);
  }

  results(): Pick<Payload, 'sha256' | 'md5' | 'crc32'> {
    return { sha256: this.#sha256?.digest('hex') ?? unsignedPayload, md5: this.#md5?.digest(), crc32: this.#crc32 };
  }
}
