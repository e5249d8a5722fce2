import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { Node, rootNode } from './node.ts';
import { Planning } from './planning.ts';

const limit = { timeout: 20_000 };

/** A directory that is new, and files in it. */
function newTree(files: number): Node[] {
  const directory = Object.assign(new Node(rootNode + 1, 'directory'), { parent: rootNode, name: 'd' });
  const inIt = Array.from({ length: files }, (_, i) =>
    Object.assign(new Node(rootNode + 2 + i, 'file'), { parent: directory.id, name: `f${i}`, contentDirty: true }),
  );
  return [directory, ...inIt];
}

interface Trial {
  readonly planning: Planning;
  /** How often each turn asked when something is due, which planning does once for each operation. */
  readonly asked: number[];
  readonly made: () => Promise<void>;
}

function trialOf(t: TestContext, nodes: Iterable<Node>): Trial {
  const asked: number[] = [0];
  let onPlanned = (): void => undefined;
  const planning = new Planning({
    dirty: nodes instanceof Set ? nodes : new Set(nodes),
    parentOf: (id) => (id === rootNode ? null : rootNode),
    dueAt: () => {
      asked.push((asked.pop() ?? 0) + 1);
      return 0;
    },
    onPlanned: () => onPlanned(),
  });
  t.after(() => planning.close());
  const made = async (): Promise<void> => {
    const planned = Promise.withResolvers<void>();
    onPlanned = planned.resolve;
    planning.begin(Date.now() + 1e9);
    while (await Promise.race([planned.promise.then(() => false), nextTurn(true)])) asked.push(0);
  };
  return { planning, asked, made };
}

function takeAll({ queue }: Planning): number {
  let taken = 0;
  for (;;) {
    queue?.beginTurn();
    const before = taken;
    while (queue?.take(1, () => true) !== undefined) taken++;
    if (taken === before) return taken;
  }
}

test('others get their turn while a plan for many is made, and until then nothing is begun', limit, async (t) => {
  const nodes = newTree(10_000);
  const { planning, asked, made } = trialOf(t, nodes);
  planning.begin(1e15);
  assert.ok(planning.isUnderWay && !planning.isStale && planning.queue === undefined);
  await made();
  assert.equal(
    asked.reduce((sum, count) => sum + count, 0),
    nodes.length,
  );
  assert.ok(Math.max(...asked) <= 512, `${Math.max(...asked)} operations in one turn`);
});

test('what a directory held up comes in pieces when the directory is made', limit, async (t) => {
  const { planning, made } = trialOf(t, newTree(3_000));
  await made();
  const first = planning.queue?.take(1, () => true);
  assert.ok(first?.kind === 'makeDirectory' && planning.queue !== undefined);
  planning.queue.succeeded(first);
  const atOnce = [...Array(3_000)].filter(() => planning.queue?.take(1, () => true)).length;
  assert.equal(atOnce, 500);
  assert.ok(planning.queue.nextAt(1) <= 1, 'it asks for another turn');
  assert.equal(takeAll(planning), 2_500);
  assert.equal(planning.queue.nextAt(1), Infinity);
});

test('what may not run now does not hide what comes behind it', limit, async (t) => {
  const nodes = newTree(3_000).slice(1);
  const { planning, made } = trialOf(t, nodes);
  await made();
  const { queue } = planning;
  let [taken, most] = [0, 0];
  for (let turn = 0; turn < 20 && taken === 0; turn++) {
    let looks = 0;
    queue?.beginTurn();
    while (queue?.take(1, ({ node }) => ++looks > 0 && node === nodes.at(-1)) !== undefined) taken++;
    most = Math.max(most, looks);
    assert.ok(taken > 0 || (queue?.nextAt(1) ?? Infinity) <= 1, 'it asks for another turn');
  }
  assert.equal(taken, 1);
  assert.ok(most <= 501, `${most} looks in one turn`);
});

test('what changes while differences are looked at is planned as it is in the end', limit, async (t) => {
  const nodes = newTree(2_000).slice(1);
  const dirty = new Set(nodes);
  const { planning, made } = trialOf(t, dirty);
  const making = made();
  for (const node of nodes.slice(0, 500)) {
    node.version++;
    node.name = 'other';
    planning.changed(node);
    if (node.id % 250 === 0) await nextTurn();
  }
  const [directory] = newTree(0) as [Node];
  dirty.add(directory);
  planning.changed(directory);
  await making;
  assert.equal(planning.isStale, false);
  const first = planning.queue?.take(1, () => true);
  assert.ok(first?.kind === 'makeDirectory' && planning.queue !== undefined);
  planning.queue.succeeded(first);
  assert.equal(takeAll(planning), 2_000);
  assert.equal(planning.queue.outdated, false);
});

test('a node that changed while the plan was made is left out', limit, async (t) => {
  const nodes = newTree(2_000).slice(1);
  const { planning, made } = trialOf(t, nodes);
  const making = made();
  await nextTurn();
  for (const node of nodes.slice(0, 100)) Object.assign(node, { version: node.version + 1, name: 'other', parent: 1 });
  await making;
  assert.equal(takeAll(planning), 1_900);
  assert.equal(planning.queue?.outdated, true);
});

test('a plan that was discarded while it was made is never in force', limit, async (t) => {
  const { planning, made } = trialOf(t, newTree(2_000));
  const making = made();
  await nextTurn();
  planning.discard();
  await making;
  assert.equal(planning.queue, undefined);
  assert.ok(planning.isStale && !planning.isUnderWay);
  await made();
  assert.equal(takeAll(planning), 1);
});
