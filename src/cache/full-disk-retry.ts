import { diskFull } from './disk-full.ts';

/** Does again what found the disk full, where room can be made for it. */
export class FullDiskRetry {
  readonly #isInTransaction: () => boolean;
  #makeRoom: () => boolean = () => false;

  /** `isInTransaction`: a transaction that a full disk has rolled back cannot go on. */
  constructor(isInTransaction: () => boolean) {
    this.#isInTransaction = isInTransaction;
  }

  /** `makeRoom` is asked for room before a call fails; it answers whether trying again makes sense. */
  whenFull(makeRoom: () => boolean): void {
    this.#makeRoom = makeRoom;
  }

  /** Runs what needs room on the disk, once more when room could be made. Throws `QuotaExceeded` where there is none. */
  run<T>(work: () => T): T {
    const isWithin = this.#isInTransaction();
    try {
      return work();
    } catch (error) {
      const full = diskFull(error);
      if (full === undefined) throw error;
      const isRolledBack = isWithin && !this.#isInTransaction();
      if (isRolledBack || !this.#makeRoom()) throw full;
    }
    try {
      return work();
    } catch (error) {
      throw diskFull(error) ?? error;
    }
  }
}
