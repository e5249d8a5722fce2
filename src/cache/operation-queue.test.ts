import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, rootNode } from './node.ts';
import { OperationQueue, type PlannedNode } from './operation-queue.ts';
import type { Operation } from './operation.ts';

const always = (): boolean => true;

/** Operations of one node each, numbered from 1; `after` by number. */
function queueOf(...wanted: readonly { readonly dueAt: number; readonly after?: readonly number[] }[]): {
  queue: OperationQueue;
  nodes: Node[];
  operations: Operation[];
} {
  const nodes = wanted.map((_, i) => Object.assign(new Node(i + 1, 'file'), { parent: rootNode }));
  const operations: Operation[] = [];
  for (const [i, { after = [] }] of wanted.entries())
    operations.push({ kind: 'upload', node: i + 1, after: new Set(after.map((n) => operations[n - 1] as Operation)) });
  const planned = (id: number): PlannedNode => ({ node: nodes[id - 1] as Node, version: 0 });
  const queue = last(OperationQueue.steps(operations, planned, ({ id }) => wanted[id - 1]?.dueAt ?? 0));
  return { queue, nodes, operations };
}

/** What steps lead to. */
function last<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Takes what may run now, without ending it. */
function takeAll(queue: OperationQueue, now: number): number[] {
  const taken: number[] = [];
  queue.beginTurn();
  for (let next = queue.take(now, always); next !== undefined; next = queue.take(now, always)) taken.push(next.node);
  return taken;
}

test('what is due longest comes first, what is not due not at all', () => {
  const { queue } = queueOf({ dueAt: 30 }, { dueAt: 10 }, { dueAt: 20 }, { dueAt: 40 });
  assert.deepEqual(takeAll(queue, 30), [2, 3, 1]);
  assert.equal(queue.nextAt(), 40);
  assert.deepEqual(takeAll(queue, 40), [4]);
  assert.equal(queue.nextAt(), Infinity);
});

test('an operation waits until all before it have succeeded', () => {
  const { queue, operations } = queueOf({ dueAt: 0 }, { dueAt: 0 }, { dueAt: 0, after: [1, 2] });
  assert.deepEqual(takeAll(queue, 0), [1, 2]);
  queue.succeeded(operations[0] as Operation);
  assert.deepEqual(takeAll(queue, 0), []);
  queue.succeeded(operations[1] as Operation);
  assert.deepEqual(takeAll(queue, 0), [3]);
});

test('what something due waits for is due as well', () => {
  const { queue } = queueOf({ dueAt: 90 }, { dueAt: 80, after: [1] }, { dueAt: 10, after: [2] });
  assert.equal(queue.nextAt(), 10);
  assert.deepEqual(takeAll(queue, 10), [1]);
});

test('a node that failed waits for its next try', () => {
  const { queue, nodes } = queueOf({ dueAt: 0 });
  (nodes[0] as Node).nextTry = 50;
  assert.deepEqual(takeAll(queue, 49), []);
  assert.equal(queue.nextAt(), 50);
  assert.deepEqual(takeAll(queue, 50), [1]);
});

test('a node that is being sent is not taken twice, and wakes nobody', () => {
  const { queue, nodes } = queueOf({ dueAt: 0 });
  (nodes[0] as Node).sending = true;
  assert.deepEqual(takeAll(queue, 0), []);
  assert.equal(queue.nextAt(), Infinity);
  (nodes[0] as Node).sending = false;
  assert.deepEqual(takeAll(queue, 0), [1]);
});

test('what may not run now stays for later', () => {
  const { queue } = queueOf({ dueAt: 0 }, { dueAt: 1 });
  assert.equal(queue.take(5, ({ node }) => node.id === 2)?.node, 2);
  assert.deepEqual(takeAll(queue, 5), [1]);
});

test('a node that changed since the plan is left out, and a new plan called for', () => {
  const { queue, nodes } = queueOf({ dueAt: 0 }, { dueAt: 0 });
  assert.equal(queue.outdated, false);
  (nodes[0] as Node).version++;
  assert.deepEqual(takeAll(queue, 0), [2]);
  assert.equal(queue.outdated, true);
});

test('also when it changed while it waited for others', () => {
  const { queue, nodes, operations } = queueOf({ dueAt: 0 }, { dueAt: 0, after: [1] });
  assert.deepEqual(takeAll(queue, 0), [1]);
  (nodes[1] as Node).version++;
  queue.succeeded(operations[0] as Operation);
  assert.deepEqual(takeAll(queue, 0), []);
  assert.equal(queue.outdated, true);
});

test('an operation that is not needed any more makes a new plan needed where it would have replaced something', () => {
  for (const replaces of [undefined, 2]) {
    const node = Object.assign(new Node(1, 'file'), { parent: rootNode });
    const operation: Operation = { kind: 'upload', node: 1, after: new Set(), replaces };
    const steps = OperationQueue.steps(
      [operation],
      () => ({ node, version: 0 }),
      () => 0,
    );
    const queue = last(steps);
    Object.assign(node, { parent: null, version: 1 });
    assert.deepEqual(takeAll(queue, 0), []);
    assert.equal(queue.outdated, replaces !== undefined);
  }
});
