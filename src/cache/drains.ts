import { setTimeout as sleep } from 'node:timers/promises';
import type { DrainOptions, DrainProgress } from './cache-report.ts';
import { isLive } from './changes.ts';
import { DrainError } from './drain-error.ts';
import type { Node } from './node.ts';
import { hasGivenUp } from './send-failure.ts';
import type { Tree } from './tree.ts';

/** What a drain asks the uploader. */
export interface DrainView {
  /** Whether nothing is left but what was given up and what waits for it. */
  readonly isStuck: (left: readonly Node[]) => boolean;
  /** Whether a person asked to send nothing. */
  readonly isPaused: () => boolean;
  readonly closing: AbortSignal;
}

/** What was sent since the beginning. */
interface Sent {
  readonly changes: number;
  readonly bytes: number;
}

/** Those who wait until everything is sent that differed when they came. */
export class Drains {
  readonly #tree: Tree;
  readonly #view: DrainView;
  readonly #watchers = new Set<() => void>();
  /** For each drain the changed nodes that it waits for. */
  readonly #waiting = new Set<Set<Node>>();
  #sent: Sent = { changes: 0, bytes: 0 };

  constructor(tree: Tree, view: DrainView) {
    this.#tree = tree;
    this.#view = view;
  }

  /** Whether everything is due at once. */
  get areUnderWay(): boolean {
    return this.#waiting.size > 0;
  }

  /** As `WriteBackCache.drain`; `begin` is called when the drain counts. */
  async wait({ signal, onProgress }: DrainOptions, begin: () => void): Promise<void> {
    const start = this.#sent;
    await this.until(
      signal,
      this.#tree.dirty,
      (left) => {
        onProgress?.(this.#progress(left, start));
        if (left.length > 0) this.#assertHope(left);
      },
      begin,
    );
  }

  /** Waits until these nodes are sent as they are now; everything is due at once meanwhile. `look` is asked at each step, and throws to give up. */
  async until(
    signal: AbortSignal | undefined,
    nodes: Iterable<Node>,
    look: (left: readonly Node[]) => void,
    begin: () => void = () => undefined,
  ): Promise<void> {
    const waiting = new Set(nodes);
    this.#waiting.add(waiting);
    try {
      begin();
      for (;;) {
        signal?.throwIfAborted();
        this.#view.closing.throwIfAborted();
        const began = performance.now();
        const left = [...waiting].filter((node) => node.sending || this.#tree.dirty.has(node));
        look(left);
        if (left.length === 0) return;
        const cost = performance.now() - began;
        await this.#nextStep(signal);
        // Looking through all of many changes after each that is sent would be most of the work.
        if (cost > 1) await sleep(10 * cost);
      }
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** For `noteSent`: those who waited when a call began. */
  begun(): readonly Set<Node>[] {
    return [...this.#waiting];
  }

  /** What they waited for is sent, even if it was changed again meanwhile. */
  noteSent(node: Node, begun: readonly Set<Node>[]): void {
    for (const waiting of begun) waiting.delete(node);
  }

  /** For their progress. */
  count(changes: number, bytes: number): void {
    this.#sent = { changes: this.#sent.changes + changes, bytes: this.#sent.bytes + bytes };
  }

  /** Something ended: they look again. */
  step(): void {
    for (const watcher of this.#watchers.values().toArray()) watcher();
  }

  #assertHope(left: readonly Node[]): void {
    const stuck = this.#view.isPaused() ? left[0] : (left.find(hasGivenUp) ?? left.find(({ held }) => held));
    if (stuck === undefined || !this.#view.isStuck(left)) return;
    throw new DrainError(left.length, this.#tree.pathOf(stuck), this.#reasonOf(stuck));
  }

  #reasonOf({ failure, held }: Node): string {
    if (this.#view.isPaused()) return 'uploads are paused';
    return held || failure === undefined ? 'its upload is held' : failure.message;
  }

  #progress(left: readonly Node[], start: Sent): DrainProgress {
    return {
      changesLeft: left.length,
      bytesLeft: left.reduce((sum, node) => sum + (node.contentDirty && isLive(node) ? node.size : 0), 0),
      changesDone: this.#sent.changes - start.changes,
      bytesDone: this.#sent.bytes - start.bytes,
    };
  }

  #nextStep(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const step = (): void => {
        this.#watchers.delete(step);
        signal?.removeEventListener('abort', step);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(step, 500);
      this.#watchers.add(step);
      signal?.addEventListener('abort', step);
    });
  }
}
