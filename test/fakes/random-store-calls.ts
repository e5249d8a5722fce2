import { seededRandom } from '../../src/layers/seeded-random.ts';
import { isStoreError } from '../../src/store/errors.ts';
import { readText } from '../../src/store/operations.ts';
import { bytesSource } from '../../src/store/source.ts';
import type { Store } from '../../src/store/store.ts';

/** Names that begin alike, and that sort before and after `/`. */
const names = ['a', 'ab', 'a.txt', 'a b', 'a_', 'é', 'e\u0301', '\uffff', '🎉', '_$folder$', 'b'];

/** Chance that is the same for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 up to but without `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  path(): string {
    const depth = this.below(12) === 0 ? 0 : 1 + this.below(3);
    return `/${Array.from({ length: depth }, () => this.pick(names.slice(0, 3 + this.below(names.length - 2)))).join('/')}`;
  }
}

/** One call of any store. */
export interface RandomCall {
  readonly what: string;
  readonly call: (store: Store) => Promise<unknown>;
}

/** A call of random paths; what it writes tells its number. */
export function randomCall(dice: Dice, number: number): RandomCall {
  const [path, to, recursive] = [dice.path(), dice.path(), dice.below(2) === 0];
  const content = dice.below(5) === 0 ? '' : `${number}`;
  const ifRevision = dice.below(4) === 0 ? null : undefined;
  const steps: readonly RandomCall[] = [
    { what: `write ${path} (${content})`, call: (store) => store.write(path, bytesSource(content), { ifRevision }) },
    { what: `makeDirectory ${path}`, call: (store) => store.makeDirectory(path) },
    { what: `delete ${path} ${recursive}`, call: (store) => store.delete(path, { recursive }) },
    { what: `copy ${path} ${to}`, call: (store) => store.copy(path, to, { ifRevision }) },
    { what: `move ${path} ${to}`, call: (store) => store.move(path, to, { ifRevision }) },
    { what: `stat ${path}`, call: async (store) => pick(await store.stat(path)) },
    { what: `read ${path}`, call: (store) => readText(store, path) },
    { what: `list ${path} ${recursive}`, call: (store) => listing(store, path, recursive) },
    { what: `rewrite ${path}`, call: (store) => rewrite(store, path, content) },
    { what: `deleteKnown ${path}`, call: (store) => deleteKnown(store, path) },
  ];
  return dice.pick([...steps, ...steps.slice(0, 2)]);
}

async function rewrite(store: Store, path: string, content: string): Promise<void> {
  const entry = await store.stat(path);
  if (entry.kind === 'file') await store.write(path, bytesSource(content), { ifRevision: entry.revision });
}

async function deleteKnown(store: Store, path: string): Promise<void> {
  const entry = await store.stat(path);
  if (entry.kind === 'file') await store.delete(path, { ifRevision: entry.revision });
}

function pick(entry: { readonly kind: string; readonly path: string; readonly size?: number }): unknown {
  return [entry.kind, entry.path, entry.kind === 'file' ? entry.size : 0];
}

/** What a directory holds: kinds, paths and sizes, sorted. */
export async function listing(store: Store, path: string, recursive: boolean): Promise<unknown[]> {
  const entries = await Array.fromAsync(store.list(path, { recursive }));
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1)).map(pick);
}

/** What a call answers or which code it fails with, as far as all stores must agree. */
export async function outcome(step: RandomCall, store: Store): Promise<unknown> {
  try {
    const answer = await step.call(store);
    return /^(?:stat|read|list)/.test(step.what) ? answer : 'done';
  } catch (error) {
    if (isStoreError(error)) return error.code;
    throw error;
  }
}
