import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { MemoryBucket } from '../../test/fakes/memory-bucket.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { BucketStore } from '../providers/bucket/bucket-store.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { readText, writeBytes } from '../store/operations.ts';
import { isInside } from '../store/path.ts';
import type { Store } from '../store/store.ts';

const names = ['a', 'b', 'c', 'd'];

/**
 * Somebody removes trees here while somebody else changes them at the store: what was as it was known goes, every version of his
 * stays, and in the end both see the same.
 */
test('trees are removed on both sides, and no version of the other one is lost', { timeout: 600_000 }, async (t) => {
  for (let run = 0; run < runsOr(30); run++) {
    try {
      await t.test(`seed ${seed + run}`, async (t) =>
        runOnce(seed + run, new CacheTrial(t, { store: storeFor(seed + run) })),
      );
    } finally {
      t.diagnostic(`CLOUDFUSION_SEED=${seed + run} CLOUDFUSION_RUNS=1`);
    }
  }
});

/** A service outlives the caches that are closed over it. */
class LastingBucket extends MemoryBucket {
  override async close(): Promise<void> {}
}

function storeFor(seed: number): Store {
  return seed % 2 === 0
    ? new MemoryStore()
    : new BucketStore(new LastingBucket({ pageSize: 4, deletesAtOnce: 3 }), { knownFor: 0 });
}

async function runOnce(seed: number, trial: CacheTrial): Promise<void> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const paths = (await grow(trial.store, below)).toSorted();
  await Array.fromAsync(trial.cache.list('/', { recursive: true }));
  const theirs = new Map<string, string>();
  const removed = new Set<string>();
  const moved = new Map<string, string>();
  const left = new Set<string>();
  for (let step = 0; step < 12; step++) {
    const path = paths[below(paths.length)] ?? '/none';
    const chance = below(6);
    if (chance < 2) await removeHere(trial, path, paths, { removed, theirs });
    else if (chance === 2) await moveOut(trial, path, `/moved ${step}`, moved, { left, theirs });
    // The size tells which version it is.
    else if (!left.has(path)) await theyChange(trial.store, path, 'theirs'.padEnd(100 + step), theirs);
    if (below(4) === 0) await trial.cache.drain();
  }
  await trial.cache.drain();
  assert.deepEqual(trial.cache.pending(), []);
  const found = await contentsOf(trial.store);
  for (const [path, text] of theirs) assert.equal(found[path], text, `their version of ${path}`);
  for (const path of [...removed, ...left])
    if (!theirs.has(path)) assert.equal(found[path], undefined, `${path} was removed`);
  for (const [path, text] of moved) assert.equal(found[path], text, `what was moved to ${path}`);
  await assertSeen(trial, found);
}

/** A tree of files and directories; answers the files. */
async function grow(store: Store, below: (limit: number) => number): Promise<string[]> {
  const files = new Set<string>();
  for (let i = 0; i < 25; i++) {
    const depth = 1 + below(3);
    const directory = Array.from({ length: depth }, () => `/${names[below(names.length)]}`).join('');
    const path = `${directory}/f${below(4)}`;
    files.add(path);
  }
  for (const path of files) await writeBytes(store, path, `first ${path}`);
  return [...files];
}

/** Removes the uppermost directory of a file with all in it. */
async function removeHere(
  trial: CacheTrial,
  path: string,
  paths: readonly string[],
  { removed, theirs }: { readonly removed: Set<string>; readonly theirs: Map<string, string> },
): Promise<void> {
  const directory = path.slice(0, path.indexOf('/', 1));
  if ((await trial.find(directory)) === undefined) return;
  for (const file of paths.filter((one) => isInside(one, directory)))
    if ((await trial.find(file)) !== undefined) removed.add(file);
  // What is seen of theirs is removed knowingly.
  for (const [file, text] of theirs)
    if (isInside(file, directory) && (await trial.find(file))?.size === text.length) theirs.delete(file);
  await trial.cache.delete(directory, { recursive: true });
}

/** Saves a file out of its tree, if it is still what it was in the beginning. */
async function moveOut(
  trial: CacheTrial,
  path: string,
  to: string,
  moved: Map<string, string>,
  { left, theirs }: { readonly left: Set<string>; readonly theirs: ReadonlyMap<string, string> },
): Promise<void> {
  if (theirs.has(path) || (await trial.find(path)) === undefined) return;
  const text = await trial.text(path);
  await trial.rename(path, to);
  left.add(path);
  moved.set(to, text);
}

/** Somebody else writes a file, in its place or beside it. */
async function theyChange(store: Store, path: string, text: string, theirs: Map<string, string>): Promise<void> {
  const at = text.length % 2 === 0 ? path : `${path} too`;
  await writeBytes(store, at, text);
  theirs.set(at, text);
}

async function assertSeen(trial: CacheTrial, found: Readonly<Record<string, string | null>>): Promise<void> {
  await trial.reopen({ metadataTime: 0 });
  const seen = (await Array.fromAsync(trial.cache.list('/', { recursive: true }))).map(({ path }) => path).toSorted();
  assert.deepEqual(seen, Object.keys(found).toSorted());
  for (const [path, text] of Object.entries(found))
    if (text !== null) assert.equal(await readText(trial.cache, path), text, path);
}
