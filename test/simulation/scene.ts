import type { Store } from '../../src/store/store.ts';
import type { Machine } from './machine.ts';
import type { Script, Side } from './step.ts';
import type { VersionBook } from './version-book.ts';

/** All that there is in a simulation. */
export interface Scene {
  readonly store: Store;
  readonly book: VersionBook;
  readonly machines: Readonly<Record<Side, Machine>>;
  readonly script: Script;
}
