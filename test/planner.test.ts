import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../src/cache/operation.ts';
import { plan } from '../src/cache/planner.ts';
import {
  assertConverged,
  assertNothingLost,
  execute,
  lose,
  needsNothingAside,
  type Outcome,
} from './planner/execution.ts';
import { apply, creations, edits, treeOf } from './planner/random-edits.ts';
import { StrictStore } from './planner/strict-store.ts';
import { newNode, root, type TreePair } from './planner/tree-pair.ts';
import { runsOr, seed } from './seeded-runs.ts';

const order = fc.infiniteStream(fc.nat(1000)).map((stream) => () => stream.next().value as number);

test('a plan makes the store equal to the tree and loses nothing on the way', { timeout: 600_000 }, (t) => {
  check(
    t,
    fc.property(creations, edits, (made, edited) => {
      const { tree, store } = edit(made, edited);
      const operations = planned(tree);
      assertSound(tree, operations);
      for (const operation of operations) {
        assert.equal(execute(tree, store, operation), 'done');
        assertNothingLost(tree, store);
      }
      assertConverged(tree, store);
    }),
    10_000,
  );
});

test('in whatever order the waiting allows', { timeout: 600_000 }, (t) => {
  check(
    t,
    fc.property(creations, edits, order, (made, edited, next) => {
      const { tree, store } = edit(made, edited);
      assert.equal(runSome(tree, store, Infinity, next), 'done');
      assertConverged(tree, store);
    }),
  );
});

test('after an end in the middle, lost answers and further edits, new plans finish the work', {
  timeout: 600_000,
}, (t) => {
  const rounds = fc.array(fc.tuple(edits, fc.nat(8)), { minLength: 1, maxLength: 4 });
  check(
    t,
    fc.property(creations, rounds, order, (made, rounds, next) => {
      const { tree, store } = edit(made, []);
      for (const [edited, many] of rounds) {
        for (const one of edited) apply(tree, one);
        runSome(tree, store, many, next, true);
      }
      runAll(tree, store, next);
      assertConverged(tree, store);
    }),
  );
});

test('nothing is moved aside that could go straight to its place', { timeout: 600_000 }, (t) => {
  let aside = 0;
  check(
    t,
    fc.property(creations, edits, (made, edited) => {
      const { tree, store } = edit(made, edited);
      const operations = planned(tree);
      const moved = operations.filter(({ kind }) => kind === 'moveAside').map(({ node }) => node);
      aside += moved.length;
      assert.equal(new Set(moved).size, moved.length, 'a node is moved aside once');
      assert.equal(needsNothingAside(tree, store, operations), moved.length === 0);
    }),
  );
  t.diagnostic(`${aside} nodes were moved aside`);
  assert.ok(aside > 0, 'the random trees make circles');
});

test('a plan for many nodes is made in time', { timeout: 60_000 }, () => {
  const { tree } = edit([], []);
  for (let i = 0; i < 20_000; i++) tree.nodes.set(i + 1, newNode(i + 1, 'file', root, `f${i}`));
  const operations = plan(tree.differences(), (id) => tree.parentOf(id));
  assert.equal(operations.length, 20_000);
});

function check<T>(t: TestContext, property: fc.IProperty<T>, runs = 1500): void {
  t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  fc.assert(property, { seed, numRuns: runsOr(runs) });
}

function edit(
  made: Parameters<typeof treeOf>[0],
  edited: Parameters<typeof treeOf>[0],
): { tree: TreePair; store: StrictStore } {
  const tree = treeOf(made);
  const store = new StrictStore(tree.wanted());
  for (const one of edited) apply(tree, one);
  return { tree, store };
}

function planned(tree: TreePair): Operation[] {
  return plan(tree.differences(), (id) => tree.parentOf(id));
}

function assertSound(tree: TreePair, operations: readonly Operation[]): void {
  const earlier = new Set<Operation>();
  for (const operation of operations) {
    for (const before of operation.after) assert.ok(earlier.has(before), 'what is waited for comes earlier');
    earlier.add(operation);
    if (operation.replaces !== undefined) assert.equal(tree.parentOf(operation.replaces), null);
  }
}

/**
 * Runs up to `many` operations, each chosen by `next` among those whose waiting has ended. If `losing`, some answers
 * are lost, which ends the plan; a step that does not end as planned lets nothing follow it.
 */
function runSome(tree: TreePair, store: StrictStore, many: number, next: () => number, losing = false): Outcome {
  const operations = planned(tree);
  const begun = new Set<Operation>();
  const done = new Set<Operation>();
  while (begun.size < many) {
    const ready = operations.filter((operation) => !begun.has(operation) && operation.after.isSubsetOf(done));
    const operation = ready[next() % ready.length];
    if (operation === undefined) break;
    begun.add(operation);
    const isLost = losing && next() % 4 === 0;
    const outcome = isLost ? lose(tree, store, operation, next() % 3 > 0) : execute(tree, store, operation);
    if (outcome === 'done') done.add(operation);
    assertNothingLost(tree, store);
    if (isLost) break;
  }
  return done.size === operations.length ? 'done' : 'outdated';
}

/** Plans and runs until nothing is left, as the cache does. */
function runAll(tree: TreePair, store: StrictStore, next: () => number): void {
  for (let rounds = 0; runSome(tree, store, Infinity, next) !== 'done'; rounds++)
    assert.ok(rounds < 100, 'it goes on forever');
}
