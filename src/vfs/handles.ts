import { Errno } from '../fuse/errno.ts';

/** What is open, by the number that the kernel holds. Numbers are never used twice. */
export class Handles<T> {
  readonly #open = new Map<number, T>();
  #last = 0;

  add(value: T): number {
    this.#last += 1;
    this.#open.set(this.#last, value);
    return this.#last;
  }

  /** Throws EBADF. */
  find(handle: number): T {
    const value = this.#open.get(handle);
    if (value === undefined) throw Errno.of('EBADF');
    return value;
  }

  /** Takes it out, if it is there. */
  remove(handle: number): T | undefined {
    const value = this.#open.get(handle);
    this.#open.delete(handle);
    return value;
  }

  values(): Iterable<T> {
    return this.#open.values();
  }

  /** Takes all out. */
  removeAll(): T[] {
    const values = [...this.#open.values()];
    this.#open.clear();
    return values;
  }
}
