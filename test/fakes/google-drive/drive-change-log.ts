/** A file that changed, and when. */
export interface LoggedChange {
  readonly number: number;
  readonly id: string;
  /** It lies, or lay, in the shared drive. */
  readonly isShared: boolean;
}

/** Which files changed, each at its latest change, the oldest first. */
export class DriveChangeLog {
  readonly #changes = new Map<string, LoggedChange>();
  /** Page tokens before this one are not taken any more. */
  oldest: number = 1;
  #next = 1;

  /** The number that the next change gets. */
  get next(): number {
    return this.#next;
  }

  note(id: string, isShared: boolean): void {
    this.#changes.delete(id);
    this.#changes.set(id, { number: this.#next++, id, isShared });
  }

  /** Changes from a number on. */
  since(number: number): LoggedChange[] {
    return [...this.#changes.values()].filter((change) => change.number >= number);
  }
}
