import type { Contents } from './contents.ts';
import type { Tree } from './tree.ts';

/** Milliseconds that one waits for others: each wait for the disk serves all of them. */
const patience = 50;
/** Of so many that were sent the disk is told without anybody asking. */
const mostSent = 4096;

/** What `UnneededContents` works on. */
export interface UnneededParts {
  readonly tree: Pick<Tree, 'makeDurable' | 'makeDurableNow'>;
  readonly contents: Pick<Contents, 'recycle' | 'remove'>;
  /** What was sent may be dropped now. */
  readonly onDurable: () => void;
}

/**
 * Contents that no row needs any more, but that one needed until a commit of which the disk may not know yet: what was nowhere else, and what was
 * sent a moment ago. A power cut takes that commit back, and the row needs its content again; so a data file goes when the disk has the commit.
 */
export class UnneededContents {
  readonly #parts: UnneededParts;
  readonly #waiting = new Map<number, 'recycle' | 'remove'>();
  /** Which sending of all it was: a content may be changed and sent again while the disk hears of the first time. */
  readonly #sent = new Map<number, number>();
  #sendings = 0;
  #isWanted = false;
  #isWorking = false;
  #isEnded = false;

  constructor(parts: UnneededParts) {
    this.#parts = parts;
  }

  /** It is committed that the store has a content. */
  sent(content: number): void {
    this.#sent.set(content, ++this.#sendings);
    if (this.#sent.size >= mostSent) this.hurry();
  }

  /** Whether the disk may not know yet that the store has a content. */
  wasJustSent(content: number): boolean {
    return this.#sent.has(content);
  }

  /** It is committed that no row needs a content. `how`: whether the data file may go to another content. */
  add(content: number, how: 'recycle' | 'remove'): void {
    this.#waiting.set(content, how);
    this.hurry();
  }

  /** Tells the disk soon. */
  hurry(): void {
    this.#isWanted = true;
    if (this.#isWorking || this.#isEnded) return;
    this.#isWorking = true;
    void this.#work().finally(() => (this.#isWorking = false));
  }

  /** Tells the disk before it returns. Answers whether that made room. Throws what the disk refuses. */
  settle(): boolean {
    if (this.#waiting.size === 0 && this.#sent.size === 0) return false;
    this.#parts.tree.makeDurableNow();
    const made = this.#waiting.size > 0;
    this.#forget([...this.#waiting], [...this.#sent]);
    return made;
  }

  /** What the disk does not take now is swept at the next opening. */
  close(): void {
    this.#isEnded = true;
    try {
      this.settle();
    } catch {
      // The cache closes all the same, as when its directory is gone.
    }
  }

  async #work(): Promise<void> {
    while (this.#isWanted && !this.#isEnded) {
      await new Promise((resolve) => setTimeout(resolve, patience).unref());
      this.#isWanted = false;
      const [waiting, sent] = [[...this.#waiting], [...this.#sent]];
      if (this.#isEnded || !(await this.#isDurable()) || this.#isEnded) return;
      this.#forget(waiting, sent);
      this.#parts.onDurable();
    }
  }

  /** Where the disk refuses, they stay, and the next opening sweeps what is not needed; the next commit shows what is wrong. */
  async #isDurable(): Promise<boolean> {
    try {
      await this.#parts.tree.makeDurable();
      return true;
    } catch {
      return false;
    }
  }

  #forget(waiting: readonly [number, 'recycle' | 'remove'][], sent: readonly [number, number][]): void {
    for (const [content, sending] of sent) if (this.#sent.get(content) === sending) this.#sent.delete(content);
    for (const [content, how] of waiting) if (this.#waiting.delete(content)) this.#parts.contents[how](content);
  }
}
