/**
 * Random calls through two stores over one bucket, against a store in memory: every call must answer or fail alike, and in the
 * end the trees must be the same. Replay a failure with CLOUDFUSION_SEED=<the number printed> CLOUDFUSION_RUNS=1.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { runsOr, seed } from '../../../test/seeded-runs.ts';
import { seededRandom } from '../../layers/seeded-random.ts';
import { isStoreError } from '../../store/errors.ts';
import { readText } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { BucketStore } from './bucket-store.ts';

const stepsOfRun = 150;

/** Names that begin alike, and that sort before and after `/`. */
const names = ['a', 'ab', 'a.txt', 'a b', 'a_', 'é', 'e\u0301', '\uffff', '🎉', '_$folder$', 'b'];

class Dice {
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

interface Step {
  readonly what: string;
  readonly call: (store: Store) => Promise<unknown>;
}

function stepOf(dice: Dice, number: number): Step {
  const [path, to, recursive] = [dice.path(), dice.path(), dice.below(2) === 0];
  const content = dice.below(5) === 0 ? '' : `${number}`;
  const ifRevision = dice.below(4) === 0 ? null : undefined;
  const steps: readonly Step[] = [
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

async function listing(store: Store, path: string, recursive: boolean): Promise<unknown[]> {
  const entries = await Array.fromAsync(store.list(path, { recursive }));
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1)).map(pick);
}

async function outcome(step: Step, store: Store): Promise<unknown> {
  try {
    const answer = await step.call(store);
    return /^(?:stat|read|list)/.test(step.what) ? answer : 'done';
  } catch (error) {
    if (isStoreError(error)) return error.code;
    throw error;
  }
}

async function runOnce(seed: number, trail: string[]): Promise<void> {
  const dice = new Dice(seed);
  const pageSize = dice.pick([1, 2, 7, 1000]);
  const bucket = new MemoryBucket({
    pageSize,
    deletesAtOnce: dice.pick([1, 3]),
    listsContentTypes: dice.below(2) === 0,
  });
  const root = dice.pick(['', 'root']);
  // Two stores know nothing of each other, so they may not remember.
  const stores =
    dice.below(2) === 0
      ? [new BucketStore(bucket, { root })]
      : [new BucketStore(bucket, { root, knownFor: 0 }), new BucketStore(bucket, { root, knownFor: 0 })];
  trail.push(`pages of ${pageSize}, ${stores.length} stores`);
  const oracle = new MemoryStore();
  for (let number = 0; number < stepsOfRun; number++) {
    const step = stepOf(dice, number);
    trail.push(step.what);
    const [found, expected] = [await outcome(step, dice.pick(stores)), await outcome(step, oracle)];
    trail.push(`   ${JSON.stringify(found)}`);
    assert.deepEqual(found, expected, step.what);
  }
  for (const store of stores) {
    const tree = await listing(store, '/', true);
    assert.deepEqual(tree, await listing(oracle, '/', true));
    for (const entry of await Array.fromAsync(oracle.list('/', { recursive: true })))
      if (entry.kind === 'file') assert.equal(await readText(store, entry.path), await readText(oracle, entry.path));
  }
}

test('a bucket is the tree that a disk would be', { timeout: 300_000 }, async (t) => {
  for (let run = 0; run < runsOr(25); run++) {
    const trail: string[] = [];
    try {
      await runOnce(seed + run, trail);
    } catch (error) {
      t.diagnostic(`CLOUDFUSION_SEED=${seed + run} CLOUDFUSION_RUNS=1`);
      for (const step of trail) t.diagnostic(step);
      throw error;
    }
  }
  t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
});
