import type { RequestReader } from './decode.ts';
import type { DirectoryWriter } from './directory-writer.ts';
import type { ReplyWriter } from './encode.ts';
import type { Answer, FileSystem } from './file-system.ts';
import type { KernelRequest } from './kernel-request.ts';

/** What a handler returns in the place of a payload's length. */
export const outcomes = {
  /** The answer is a promise; its reply is sent when it settles. */
  later: -0x1_0001,
  /** The protocol has no reply to this request. */
  none: -0x1_0002,
} as const;

/** Serves one kind of request: the length of the payload that it wrote, an `outcome`, or a negative errno. */
export type Handler = (exchange: Exchange) => number;

/** Writes the reply of an answer that has arrived; the length of its payload. */
export type Encode<T> = (reply: ReplyWriter, value: T) => number;

/** One request and its reply, as handlers see it. The same instance serves all requests in turn. */
export interface Exchange {
  readonly fileSystem: FileSystem;
  readonly reader: RequestReader;
  readonly reply: ReplyWriter;
  readonly directory: DirectoryWriter;
  readonly request: KernelRequest;
  /** Whether SETXATTR carries the long form of its struct. */
  readonly longSetxattr: boolean;

  /** Replies with what `encode` makes of an answer, now or when it settles. */
  settle<T>(answer: Answer<T>, encode: Encode<T>): number;
  /** Replies with bytes that arrive later, sent from where they are. They are at most `most`. */
  settleBytes(answer: Promise<Uint8Array>, most: number): number;
  /** The kernel interrupts the request of this number. */
  interrupt(unique: number): void;
}

/** The reply to requests whose success says nothing more. */
export function encodeNothing(): number {
  return 0;
}
