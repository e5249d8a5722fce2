import type { Call } from '../store/intercept.ts';
import type { Capabilities, Entry } from '../store/store.ts';
import type { CarriedError } from './carried-error.ts';

/** A part of a body or of a source, whose memory goes along, or some entries of a listing. */
export type Piece = Uint8Array | readonly Entry[];

/** A call as it is sent: signal, source and resume are left out of it, and told of beside it. */
export interface CarriedCall {
  readonly call: Call extends infer C ? (C extends Call ? Omit<C, 'source'> : never) : never;
  /** The caller has a signal, and `abort` may come. */
  readonly isAbortable: boolean;
  /** Of `write`: the source's size. */
  readonly sourceBytes: number | undefined;
  /** Of `write`, where the caller keeps the state of large uploads. */
  readonly resume: { readonly saved: string | undefined; readonly obsolete: string | undefined } | undefined;
}

/**
 * The pieces of a flow go one way, and their reader tells when it takes one, so that no more than a few are under way. Flow 0
 * of a call is its body or listing; the others are streams of its source, and go to the store.
 */
export type FlowMessage =
  | { readonly kind: 'piece'; readonly id: number; readonly flow: number; readonly piece: Piece }
  /** The last one, with what was still gathered. */
  | {
      readonly kind: 'end';
      readonly id: number;
      readonly flow: number;
      readonly piece?: Piece;
      readonly error?: CarriedError;
      /** By this number the sender knows the error again. */
      readonly own?: number;
    }
  | { readonly kind: 'taken'; readonly id: number; readonly flow: number }
  /** The reader wants no more; `end` follows. */
  | { readonly kind: 'leave'; readonly id: number; readonly flow: number };

/** What the caller's side tells the store's thread. `id` is the number of a call. */
export type ToStore =
  | { readonly kind: 'open'; readonly startup: unknown }
  | { readonly kind: 'call'; readonly id: number; readonly carried: CarriedCall }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'figures'; readonly id: number }
  | FlowMessage;

/** What the store's thread tells the caller's side. */
export type FromStore =
  | { readonly kind: 'opened'; readonly name: string; readonly capabilities: Capabilities }
  | { readonly kind: 'refused'; readonly error: CarriedError }
  | { readonly kind: 'capabilities'; readonly capabilities: Capabilities }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: CarriedError }
  /** Asks for a range of the call's source as a flow. */
  | { readonly kind: 'pull'; readonly id: number; readonly flow: number; readonly start: number; readonly end: number }
  | { readonly kind: 'save'; readonly id: number; readonly state: string | undefined }
  | { readonly kind: 'figures'; readonly id: number; readonly figures: unknown }
  | FlowMessage;

/** A flow's message without its address. */
export type Bare<M> = M extends { readonly id: number; readonly flow: number } ? Omit<M, 'id' | 'flow'> : never;

/** The buffers that go along with a piece, which then has them no more here. */
export function transferOf(piece: Piece | undefined): ArrayBuffer[] {
  return piece instanceof Uint8Array ? [piece.buffer as ArrayBuffer] : [];
}
