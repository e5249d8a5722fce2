import type { Socket } from 'node:net';

const mostBytesUnderWay = 32 << 20;

/** Something that happened on one end of a connection; `undefined` is the end of the data. */
interface Arrival {
  readonly due: number;
  readonly data: Buffer | undefined;
}

/** How a flow is disturbed. */
export interface FlowRules {
  /** Milliseconds that data is under way, now. */
  delay(): number;
  /** Sends data on, or does something worse. */
  deliver(data: Buffer): void;
}

/**
 * One direction of a connection. Data arrives as late as the rules say, in order, however much of it is under way (up to
 * 32 MiB): it is a long line, not a narrow one. A slow receiver slows the sender down, as without it.
 */
export class DelayedFlow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #rules: FlowRules;
  readonly #underWay: Arrival[] = [];
  #bytesUnderWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, rules: FlowRules) {
    this.#from = from;
    this.#to = to;
    this.#rules = rules;
  }

  /** Begins to flow, until one end is closed. */
  begin(): void {
    const [from, to] = [this.#from, this.#to];
    from.on('data', (data) => this.#depart(data));
    from.on('end', () => this.#depart(undefined));
    to.on('drain', () => this.#arrive());
    from.once('close', () => clearTimeout(this.#timer));
    to.once('close', () => clearTimeout(this.#timer));
  }

  #depart(data: Buffer | undefined): void {
    this.#underWay.push({ due: performance.now() + this.#rules.delay(), data });
    this.#bytesUnderWay += data?.length ?? 0;
    if (this.#timer === undefined) this.#arrive();
    else this.#hold(this.#isFull());
  }

  #arrive(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    while (!this.#isBlocked()) {
      const [first] = this.#underWay;
      if (first === undefined) break;
      if (first.due > now) {
        this.#timer = setTimeout(() => this.#arrive(), first.due - now);
        break;
      }
      this.#underWay.shift();
      this.#bytesUnderWay -= first.data?.length ?? 0;
      if (first.data === undefined) this.#to.end();
      else this.#rules.deliver(first.data);
    }
    this.#hold(this.#isBlocked() || this.#isFull());
  }

  #isBlocked(): boolean {
    return this.#to.destroyed || this.#to.writableNeedDrain;
  }

  #isFull(): boolean {
    return this.#bytesUnderWay > mostBytesUnderWay;
  }

  #hold(isHeld: boolean): void {
    if (isHeld === this.#from.isPaused()) return;
    if (isHeld) this.#from.pause();
    else this.#from.resume();
  }
}
