import type { Call } from '../store/intercept.ts';
import { type CarriedError, carryError, revivedError } from './carried-error.ts';
import { GatheredBytes } from './gathering.ts';
import { Inflow } from './inflow.ts';
import {
  type CarriedCall,
  type FlowMessage,
  type FromStore,
  type Piece,
  type ToStore,
  transferOf,
} from './messages.ts';
import { Outflow } from './outflow.ts';

/** What the store's thread says of one call. */
export type CallMessage = Extract<FromStore, { readonly kind: 'answer' | 'failed' | 'pull' | 'save' }> | FlowMessage;

/**
 * One call on the caller's side, from before it is sent until its last message: answers the questions of the store's thread
 * (the source, the state of an upload), and turns what comes back into what the caller would have had from the store itself.
 */
export class ThreadCall {
  readonly call: Call;
  /** What the method answers; of a listing, nothing. */
  readonly answer: Promise<unknown>;
  /** The pieces of a listing or a body. */
  readonly pieces: Inflow<Piece>;
  readonly #id: number;
  readonly #post: (message: ToStore, transfer?: ArrayBuffer[]) => void;
  readonly #over: () => void;
  readonly #answer = Promise.withResolvers<unknown>();
  /** Streams of the source, by number. */
  readonly #sources = new Map<number, Outflow<Uint8Array, Uint8Array>>();
  /** Values of ours that the other side knows by number, from 1 on; 0 is the reason of the signal. */
  readonly #own: unknown[] = [];
  #saving: { readonly error: unknown } | undefined;

  /** `over` is called once, with the last message. */
  constructor(id: number, call: Call, post: (message: ToStore, transfer?: ArrayBuffer[]) => void, over: () => void) {
    this.#id = id;
    this.call = call;
    this.#post = post;
    this.#over = over;
    this.answer = this.#answer.promise;
    // A failed listing tells its failure where it is iterated.
    this.answer.catch(() => undefined);
    this.pieces = new Inflow((message) => post({ ...message, id, flow: 0 }), call.options.signal);
  }

  /** Sends it. Throws `TypeError` when an option cannot be sent. */
  send(): void {
    const { signal } = this.call.options;
    this.#post({ kind: 'call', id: this.#id, carried: carriedCall(this.call) });
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted === true) this.#abort();
  }

  receive(message: CallMessage): void {
    switch (message.kind) {
      case 'answer':
        return this.#answered(message.value);
      case 'failed':
        return this.fail(this.#revived(message.error));
      case 'pull':
        return this.#pull(message);
      case 'save':
        return this.#save(message.state);
      case 'piece':
        return this.pieces.push(message.piece);
      case 'end':
        return this.#ended(message);
      case 'taken':
        return this.#sources.get(message.flow)?.taken();
      case 'leave':
        return this.#sources.get(message.flow)?.leave();
    }
  }

  /** Nothing comes any more, because of `error`. */
  fail(error: unknown): void {
    const told = this.#saving === undefined ? error : this.#saving.error;
    this.#answer.reject(told);
    this.pieces.finish({ error: told });
    this.#end();
  }

  #answered(value: unknown): void {
    if (this.#saving !== undefined) return this.fail(this.#saving.error);
    this.#answer.resolve(value);
    if (this.call.operation !== 'read') this.#end();
  }

  #ended({ piece, error }: Extract<FlowMessage, { kind: 'end' }>): void {
    if (piece !== undefined) this.pieces.push(piece);
    this.pieces.finish(error && { error: this.#revived(error) });
    this.#answer.resolve(undefined);
    this.#end();
  }

  #end(): void {
    this.call.options.signal?.removeEventListener('abort', this.#abort);
    for (const source of this.#sources.values()) source.leave();
    this.#over();
  }

  readonly #abort = (): void => this.#post({ kind: 'abort', id: this.#id });

  #pull({ flow, start, end }: Extract<CallMessage, { kind: 'pull' }>): void {
    if (this.call.operation !== 'write') return;
    const { source } = this.call;
    const id = this.#id;
    const post = (message: { readonly kind: 'piece' | 'end'; readonly piece?: Piece }): void =>
      this.#post({ ...message, id, flow } as ToStore, transferOf(message.piece));
    const outflow = new Outflow<Uint8Array, Uint8Array>(new GatheredBytes(end - start), post);
    this.#sources.set(flow, outflow);
    const isWhole = start === 0 && end === source.size;
    const parts = streamOf(() => (isWhole ? source : source.slice(start, end)).stream());
    void outflow.run(parts, (error) => this.#sourceFailed(error)).then(() => this.#sources.delete(flow));
  }

  #sourceFailed(error: unknown): { error: CarriedError; own: number } {
    return { error: carryError(error), own: this.#own.push(error) };
  }

  /** What the keeper of the state throws fails the call. */
  #save(state: string | undefined): void {
    if (this.call.operation !== 'write' || this.#saving !== undefined) return;
    try {
      this.call.options.resume?.save(state);
    } catch (error) {
      this.#saving = { error };
      this.#abort();
    }
  }

  #revived(error: CarriedError): unknown {
    return revivedError(error, (number) => (number === 0 ? this.call.options.signal?.reason : this.#own[number - 1]));
  }
}

/** A stream whose beginning may throw: that is its first failure. */
async function* streamOf(begin: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* begin();
}

function carriedCall(call: Call): CarriedCall {
  const { signal, ...options } = call.options;
  const isAbortable = signal !== undefined;
  if (call.operation !== 'write')
    return {
      call: { ...call, options } as CarriedCall['call'],
      isAbortable,
      sourceBytes: undefined,
      resume: undefined,
    };
  const { source, options: _, ...rest } = call;
  const { signal: __, resume, ...plain } = call.options;
  const { saved, obsolete } = resume ?? {};
  return {
    call: { ...rest, options: plain },
    isAbortable: isAbortable || resume !== undefined,
    sourceBytes: source.size,
    resume: resume && { saved, obsolete },
  };
}
