import { isInside, nameOf, parentOf } from '../store/path.ts';

/**
 * A call of the store that is under way: a question or a change. What is changed through the cache in the meantime may or may
 * not be in its answer, so the answer must not be believed about that; and of two changes at once nobody knows which was last.
 */
export interface PendingAnswer {
  readonly kind: 'entry' | 'listing' | 'change';
  /** Key of the path that was asked about, or that is changed. */
  readonly key: string;
  /** When the call was made: the age of the answer counts from here. */
  readonly at: number;
  /** What stands at the path was changed: the entry, and whether there is one; for a change also what is below. */
  entryChanged: boolean;
  /** What is below the path was changed as a whole. */
  contentsChanged: boolean;
  /** Names in the listed directory that were changed. */
  readonly changedNames: Set<string>;
}

/** All calls that are under way. */
export class PendingAnswers {
  readonly #pending = new Set<PendingAnswer>();

  begin(kind: PendingAnswer['kind'], key: string, at: number): PendingAnswer {
    const pending: PendingAnswer = {
      kind,
      key,
      at,
      entryChanged: false,
      contentsChanged: false,
      changedNames: new Set(),
    };
    this.#pending.add(pending);
    return pending;
  }

  end(pending: PendingAnswer): void {
    this.#pending.delete(pending);
  }

  /** The entry at `key` was changed, or may have been. */
  changeEntry(key: string): void {
    for (const pending of this.#pending) {
      if (pending.key === key || (pending.kind === 'change' && isInside(key, pending.key))) pending.entryChanged = true;
      else if (pending.kind === 'listing' && parentOf(key) === pending.key) pending.changedNames.add(nameOf(key));
    }
  }

  /** Everything below `key` was changed, or may have been. */
  changeBelow(key: string): void {
    for (const pending of this.#pending) {
      const inside = isInside(pending.key, key);
      if (inside) pending.entryChanged = true;
      if (inside || pending.key === key) pending.contentsChanged = true;
    }
  }
}

/** Whether nothing was changed since the call was made: somebody who asks now may wait for the same answer. */
export function isCurrent({ entryChanged, contentsChanged, changedNames }: PendingAnswer): boolean {
  return !entryChanged && !contentsChanged && changedNames.size === 0;
}
