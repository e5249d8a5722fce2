import type { Call } from '../store/intercept.ts';
import { rangeOf } from '../store/range.ts';
import type { Entry, Store } from '../store/store.ts';
import { type CarriedError, carryError, revivedError } from './carried-error.ts';
import { GatheredBytes, GatheredEntries } from './gathering.ts';
import { Inflow } from './inflow.ts';
import { type CarriedCall, type FlowMessage, type FromStore, type Piece, transferOf } from './messages.ts';
import { Outflow } from './outflow.ts';
import { performCall } from './perform-call.ts';
import { PulledSource } from './pulled-source.ts';

/** The number by which the caller knows the reason of its signal. */
const abortReason = 0;

/** One call in the store's thread: made, answered, and its flows served until both sides are done with them. */
export class ServedCall {
  readonly #id: number;
  readonly #store: Store;
  readonly #post: (message: FromStore, transfer?: ArrayBuffer[]) => void;
  readonly #stop = new AbortController();
  /** Streams of the source, by number. */
  readonly #sources = new Map<number, Inflow<Uint8Array>>();
  /** Values that stand for some of the caller's, with the caller's numbers. */
  readonly #own = new WeakMap<WeakKey, number>();
  #body: Outflow<Uint8Array, Uint8Array> | Outflow<Entry, readonly Entry[]> | undefined;
  #streams = 0;

  constructor(id: number, store: Store, post: (message: FromStore, transfer?: ArrayBuffer[]) => void) {
    this.#id = id;
    this.#store = store;
    this.#post = post;
  }

  /** Makes the call. Resolves when nothing of it is left; rejects never. */
  async run(carried: CarriedCall): Promise<void> {
    const call = this.#revived(carried);
    try {
      if (call.operation === 'list') await this.#list(call);
      else if (call.operation === 'read') await this.#read(call);
      else this.#post({ kind: 'answer', id: this.#id, value: await performCall(this.#store, call) });
    } catch (error) {
      this.#post({ kind: 'failed', id: this.#id, error: this.#carry(error) });
    }
  }

  abort(): void {
    const reason = Object.assign(new Error('the call was aborted'), { name: 'AbortError' });
    this.#own.set(reason, abortReason);
    this.#stop.abort(reason);
  }

  /** Takes what the caller says of a flow. What concerns one that is over came too late to matter. */
  receive(message: FlowMessage): void {
    const source = this.#sources.get(message.flow);
    if (message.kind === 'taken') this.#body?.taken();
    else if (message.kind === 'leave') this.#body?.leave();
    else if (message.kind === 'piece') source?.push(message.piece as Uint8Array);
    else this.#endSource(message, source);
  }

  #revived({ call, isAbortable, sourceBytes = 0, resume }: CarriedCall): Call {
    const signal = isAbortable ? this.#stop.signal : undefined;
    const options = { ...call.options, signal };
    if (call.operation !== 'write') return { ...call, options } as Call;
    const id = this.#id;
    const save = (state: string | undefined): void => this.#post({ kind: 'save', id, state });
    const source = new PulledSource((start, end) => this.#pull(start, end), 0, sourceBytes);
    return { ...call, source, options: { ...options, resume: resume && { ...resume, save } } };
  }

  async #list({ path, options }: Extract<Call, { operation: 'list' }>): Promise<void> {
    const outflow = new Outflow<Entry, readonly Entry[]>(new GatheredEntries(), this.#bodyPost);
    this.#body = outflow;
    await outflow.run(this.#store.list(path, options), this.#failed);
  }

  async #read({ path, options }: Extract<Call, { operation: 'read' }>): Promise<void> {
    const { entry, body } = await this.#store.read(path, options);
    const { start, end } = rangeOf(options, entry.size);
    const outflow = new Outflow<Uint8Array, Uint8Array>(new GatheredBytes(end - start), this.#bodyPost);
    this.#body = outflow;
    this.#post({ kind: 'answer', id: this.#id, value: entry });
    await outflow.run(body, this.#failed);
  }

  #pull(start: number, end: number): AsyncIterable<Uint8Array> {
    const [id, flow] = [this.#id, ++this.#streams];
    const inflow = new Inflow<Uint8Array>((message) => this.#post({ ...message, id, flow }), this.#stop.signal);
    this.#sources.set(flow, inflow);
    this.#post({ kind: 'pull', id, flow, start, end });
    return inflow;
  }

  #endSource(message: Extract<FlowMessage, { kind: 'end' }>, source: Inflow<Uint8Array> | undefined): void {
    const { flow, piece, error, own } = message;
    this.#sources.delete(flow);
    if (piece !== undefined) source?.push(piece as Uint8Array);
    source?.finish(error && { error: this.#standIn(error, own) });
  }

  /** An error that providers can look at, and that becomes the caller's own value again when it comes back. */
  #standIn(carried: CarriedError, own: number | undefined): unknown {
    const revived = revivedError(carried, () => undefined);
    const error = revived instanceof Error ? revived : new Error(String(revived));
    if (own !== undefined) this.#own.set(error, own);
    return error;
  }

  readonly #bodyPost = (message: { readonly kind: 'piece' | 'end'; readonly piece?: Piece }): void => {
    this.#post({ ...message, id: this.#id, flow: 0 } as FromStore, transferOf(message.piece));
  };

  readonly #failed = (error: unknown): { readonly error: CarriedError } => ({ error: this.#carry(error) });

  #carry(error: unknown): CarriedError {
    return carryError(error, (value) =>
      typeof value === 'object' && value !== null ? this.#own.get(value) : undefined,
    );
  }
}
