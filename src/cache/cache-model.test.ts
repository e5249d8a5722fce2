import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSame, CallFailed, idOf } from '../../test/cache-model/attempt.ts';
import type { OracleNode } from '../../test/cache-model/oracle.ts';
import { steps } from '../../test/cache-model/steps.ts';
import { World } from '../../test/cache-model/world.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { readBytes } from '../store/operations.ts';

const stepsOfRun = 120;

/**
 * Random users over a random network: whatever they do, in the end the store holds exactly what they made, and on the way the
 * tree never shows anything else. `CLOUDFUSION_SEED` begins at a seed and `CLOUDFUSION_RUNS=1` stays with it.
 */
for (const inThread of [false, true]) {
  const where = inThread ? ', also one in another thread' : '';
  test(`the cache is the tree that its users made, and the store becomes it${where}`, {
    timeout: 1_200_000,
  }, async (t) => {
    for (let run = 0; run < runsOr(inThread ? 8 : 25); run++) {
      const trail: string[] = [];
      try {
        await runOnce(seed + run, trail, inThread);
      } catch (error) {
        t.diagnostic(`CLOUDFUSION_SEED=${seed + run} CLOUDFUSION_RUNS=1`);
        for (const step of trail) t.diagnostic(step);
        throw error;
      }
    }
    t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  });
}

async function runOnce(seed: number, trail: string[], inThread: boolean): Promise<void> {
  const world = new World(seed, { inThread, trail });
  await world.begin();
  try {
    for (let i = 0; i < stepsOfRun; i++) trail.push(await randomStep(world));
    world.heal();
    await assertTree(world);
    world.releaseAll();
    trail.push('drain');
    await drainAll(world);
    await assertTree(world);
    await assertStore(world);
    await assertStoredMetadata(world);
    assert.deepEqual(world.cache.pending(), []);
    assert.deepEqual(world.cache.problems(), []);
    const { cachedBytes } = world.cache.statistics();
    await world.restart();
    assert.equal(world.cache.statistics().cachedBytes, cachedBytes, 'the account of the room');
    await assertTree(world);
  } finally {
    await world.end();
  }
}

async function randomStep(world: World): Promise<string> {
  let left = world.dice.below(steps.reduce((sum, { weight }) => sum + weight, 0));
  for (const { weight, run } of steps) {
    left -= weight;
    if (left >= 0) continue;
    try {
      return await run(world);
    } catch (error) {
      if (error instanceof CallFailed) return `${run.name} was not possible`;
      throw error;
    }
  }
  throw new RangeError('the weights do not sum up');
}

/** With a good network everything is sent; what had failed before may need a second call. */
async function drainAll(world: World): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  for (let left = 3; ; left--) {
    const failure = await world.cache.drain({ signal }).catch((error: unknown) => error);
    if (failure === undefined) return;
    if (left === 0 || signal.aborted) throw failure;
  }
}

/** The tree shows what the oracle knows, under the same numbers. */
async function assertTree(world: World): Promise<void> {
  const { oracle, tree } = world;
  for (const node of oracle.root.all()) {
    const id = await idOf(world, node);
    assert.equal(tree.get(id).size, node.bytes.length, node.path);
    if (node.kind !== 'directory') assertSame(await readBytes(world.cache, node.storedPath), node.bytes, node.path);
    if (node.kind === 'file') await assertMetadata(world, node, id);
    else if (node.kind === 'link') assert.equal(await tree.readLink(id), Buffer.from(node.bytes).toString(), node.path);
    else
      assert.deepEqual(
        (await tree.list(id))
          .map(({ shownName }) => shownName)
          .filter((name) => !name.startsWith('theirs'))
          .toSorted(),
        [...node.children.keys()].toSorted(),
        node.path,
      );
  }
}

async function assertMetadata(
  { cache, tree }: World,
  { path, mode, attributes, metadata }: OracleNode,
  id: number,
): Promise<void> {
  const entry = await cache.stat(path);
  if (entry.kind === 'file') assert.deepEqual(entry.metadata, metadata, `the metadata of ${path}`);
  assert.equal(tree.get(id).mode, mode, `the mode of ${path}`);
  const shown = [...(tree.get(id).attributes ?? [])].map(
    ([name, value]) => [name, Buffer.from(value).toString()] as const,
  );
  assert.deepEqual(new Map(shown), attributes, `the attributes of ${path}`);
}

async function assertStoredMetadata({ oracle, store }: World): Promise<void> {
  for (const { kind, path, metadata } of oracle.root.all()) {
    const entry = kind === 'file' ? await store.stat(path) : undefined;
    if (entry?.kind === 'file') assert.deepEqual(entry.metadata, metadata, path);
  }
}

async function assertStore(world: World): Promise<void> {
  const wanted = new Map([...world.oracle.contents(), ...world.theirs]);
  const found = new Map<string, Uint8Array | null>();
  for await (const entry of world.store.list('/', { recursive: true }))
    found.set(entry.path, entry.kind === 'file' ? await readBytes(world.store, entry.path) : null);
  assert.deepEqual([...found.keys()].toSorted(), [...wanted.keys()].toSorted());
  for (const [path, bytes] of wanted) {
    assert.equal(found.get(path) === null, bytes === null, path);
    if (bytes !== null) assertSame(found.get(path) ?? new Uint8Array(0), bytes, path);
  }
}
