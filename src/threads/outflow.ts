import { abortable } from '../store/abortable.ts';
import type { CarriedError } from './carried-error.ts';
import type { Gathering } from './gathering.ts';
import type { Bare, FlowMessage, Piece } from './messages.ts';

/** Pieces under way before the sender waits for the reader. */
const window = 4;

/** What `Outflow` says. */
export type OutflowMessage = Extract<Bare<FlowMessage>, { readonly kind: 'piece' | 'end' }>;

/**
 * Sends what an iteration yields to the other thread: a piece at once while nothing is under way, so that nobody waits for
 * bytes that are here; otherwise what has gathered until the reader takes the next one. A reader that stops stops the iteration.
 */
export class Outflow<Part, P extends Piece> {
  readonly #gathering: Gathering<Part, P>;
  readonly #post: (message: OutflowMessage) => void;
  readonly #left = new AbortController();
  #underWay = 0;
  #hasRoom: (() => void) | undefined;

  constructor(gathering: Gathering<Part, P>, post: (message: OutflowMessage) => void) {
    this.#gathering = gathering;
    this.#post = post;
  }

  /** Sends all; resolves after the end was sent. `failed` puts a failure of `parts` into a form that can be sent. */
  async run(
    parts: AsyncIterable<Part>,
    failed: (error: unknown) => { readonly error: CarriedError; readonly own?: number },
  ): Promise<void> {
    const gathering = this.#gathering;
    let failure: ReturnType<typeof failed> | undefined;
    try {
      for await (const part of abortable(parts, this.#left.signal)) {
        for (const piece of gathering.add(part)) await this.#send(piece);
        if (!gathering.isComplete && (gathering.isFull || this.#underWay === 0)) await this.#send(gathering.take());
      }
      if (!gathering.isEmpty) await this.#room();
    } catch (error) {
      failure = this.#left.signal.aborted ? undefined : failed(error);
    }
    const piece = gathering.isEmpty || this.#left.signal.aborted ? undefined : gathering.take();
    this.#post({ kind: 'end', ...(piece && { piece }), ...failure });
  }

  /** The reader has taken a piece. */
  taken(): void {
    this.#underWay--;
    this.#hasRoom?.();
    const { isEmpty, isComplete } = this.#gathering;
    if (this.#underWay === 0 && !isEmpty && !isComplete) this.#postPiece(this.#gathering.take());
  }

  /** The reader wants no more. */
  leave(): void {
    this.#left.abort();
    this.#hasRoom?.();
  }

  async #send(piece: P): Promise<void> {
    await this.#room();
    this.#postPiece(piece);
  }

  #postPiece(piece: P): void {
    this.#underWay++;
    this.#post({ kind: 'piece', piece });
  }

  async #room(): Promise<void> {
    while (this.#underWay >= window && !this.#left.signal.aborted)
      await new Promise<void>((resolve) => (this.#hasRoom = resolve));
    this.#left.signal.throwIfAborted();
  }
}
