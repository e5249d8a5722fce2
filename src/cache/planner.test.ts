import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Difference, Operation } from './operation.ts';
import { plan, planSteps } from './planner.ts';

const root = 0;

/** A place: the directory's number and the name. */
type Place = readonly [parent: number, name: string];

function node(
  id: number,
  kind: Difference['kind'],
  from: Place | null,
  to: Place | null,
  contentDirty: boolean = from === null && kind === 'file',
  metadataDirty = false,
): Difference {
  const synced = from === null ? null : { parent: from[0], name: from[1] };
  return {
    id,
    kind,
    synced,
    sent: null,
    contentVersion: 1,
    parent: to?.[0] ?? null,
    name: (to ?? from)?.[1] ?? '',
    contentDirty,
    metadataDirty,
  };
}

/** The plan in words; `parents` of unchanged nodes, the others follow from the differences. */
function planned(differences: readonly Difference[], parents: Readonly<Record<number, number>> = {}): string[] {
  const changed = new Map(differences.map((difference) => [difference.id, difference]));
  const parentOf = (id: number): number | null =>
    id === root ? null : (changed.get(id)?.parent ?? parents[id] ?? root);
  return plan(differences, parentOf).map(inWords);
}

function inWords({ kind, node, replaces, after }: Operation): string {
  const waits = [...after].map((before) => `${before.kind} ${before.node}`).join(', ');
  return `${kind} ${node}${replaces === undefined ? '' : ` over ${replaces}`}${waits === '' ? '' : ` after ${waits}`}`;
}

test('nothing different, nothing to do', () => {
  assert.deepEqual(planned([]), []);
});

test('what was made and removed again is no difference to send', () => {
  assert.deepEqual(planned([node(1, 'file', null, null)]), []);
});

test('what was perhaps sent, and is as the store had it again, is looked for', () => {
  const back = node(1, 'file', [root, 'f'], [root, 'f']);
  assert.deepEqual(planned([{ ...back, sent: { parent: root, name: 'f', version: 1 } }]), ['verify 1']);
});

test('new files wait for their new directory', () => {
  assert.deepEqual(planned([node(2, 'file', null, [1, 'f']), node(1, 'directory', null, [root, 'd'])]), [
    'makeDirectory 1',
    'upload 2 after makeDirectory 1',
  ]);
});

test('a file below an unchanged directory waits for the changed one above', () => {
  const differences = [node(3, 'file', null, [2, 'f']), node(1, 'directory', [root, 'd'], [root, 'e'])];
  assert.deepEqual(planned(differences, { 2: 1 }), ['move 1', 'upload 3 after move 1']);
});

test('a renamed and edited file moves first', () => {
  assert.deepEqual(planned([node(1, 'file', [root, 'a'], [root, 'b'], true)]), ['move 1', 'upload 1 after move 1']);
});

test('a new file takes the place of a removed one without a delete', () => {
  const differences = [node(1, 'file', [root, 'a'], null), node(2, 'file', null, [root, 'a'])];
  assert.deepEqual(planned(differences), ['upload 2 over 1']);
});

test('a moved file takes the place of a removed one without a delete', () => {
  const differences = [node(1, 'file', [root, 'a'], null), node(2, 'file', [root, 'b'], [root, 'a'])];
  assert.deepEqual(planned(differences), ['move 2 over 1']);
});

test('between a file and a directory stands a delete', () => {
  const toDirectory = [node(1, 'file', [root, 'a'], null), node(2, 'directory', null, [root, 'a'])];
  assert.deepEqual(planned(toDirectory), ['delete 1', 'makeDirectory 2 after delete 1']);
  const toFile = [node(1, 'directory', [root, 'a'], null), node(2, 'file', null, [root, 'a'])];
  assert.deepEqual(planned(toFile), ['delete 1', 'upload 2 after delete 1']);
});

test('a chain of names moves from its end', () => {
  const differences = [
    node(1, 'file', [root, 'a'], [root, 'b']),
    node(2, 'file', [root, 'b'], [root, 'c']),
    node(3, 'file', [root, 'c'], [root, 'd']),
  ];
  assert.deepEqual(planned(differences), ['move 3', 'move 2 after move 3', 'move 1 after move 2']);
});

test('two swapped names need one move aside', () => {
  const differences = [node(1, 'file', [root, 'a'], [root, 'b']), node(2, 'file', [root, 'b'], [root, 'a'])];
  assert.deepEqual(planned(differences), [
    'moveAside 2',
    'move 1 after moveAside 2',
    'move 2 after move 1, moveAside 2',
  ]);
});

test('a directory and its child trade places', () => {
  const differences = [node(1, 'directory', [root, 'a'], [2, 'a']), node(2, 'directory', [1, 'b'], [root, 'a'])];
  assert.deepEqual(planned(differences), [
    'moveAside 1',
    'move 2 after moveAside 1',
    'move 1 after move 2, moveAside 1',
  ]);
});

test('a directory is deleted when everything has left it', () => {
  const differences = [
    node(1, 'directory', [root, 'd'], null),
    node(2, 'file', [1, 'gone'], null),
    node(3, 'file', [1, 'kept'], [root, 'kept']),
  ];
  assert.deepEqual(planned(differences), ['delete 2', 'move 3', 'delete 1 after delete 2, move 3']);
});

test('a child stays while its directory is replaced by a new one', () => {
  const differences = [
    node(1, 'directory', [root, 'd'], null),
    node(2, 'file', [1, 'f'], [3, 'f']),
    node(3, 'directory', null, [root, 'd']),
  ];
  assert.deepEqual(planned(differences), [
    'moveAside 2',
    'delete 1 after moveAside 2',
    'makeDirectory 3 after delete 1',
    'move 2 after makeDirectory 3, moveAside 2',
  ]);
});

test('a lost upload that is wanted elsewhere is looked for, and what needs its place waits', () => {
  const lost = { ...node(1, 'file', null, [root, 'b']), sent: { parent: root, name: 'a', version: 1 } };
  assert.deepEqual(planned([lost, node(2, 'file', null, [root, 'a'])]), ['verify 1', 'upload 2 after verify 1']);
  assert.deepEqual(planned([{ ...lost, name: 'a' }]), ['upload 1'], 'it would be sent just so again');
  assert.deepEqual(planned([{ ...lost, name: 'a', contentVersion: 2 }]), ['verify 1']);
});

test('a file is not deleted while what takes its place is on its way under another name', () => {
  const onItsWay = { ...node(2, 'file', null, [root, 'f']), sent: { parent: root, name: 'f.new', version: 1 } };
  assert.deepEqual(planned([node(1, 'file', [root, 'f'], null), onItsWay]), ['verify 2', 'delete 1 after verify 2']);
});

test('a directory in which a removed file may have arrived is deleted after that was looked for', () => {
  const lost = { ...node(2, 'file', null, null), sent: { parent: 1, name: 'f', version: 1 } };
  assert.deepEqual(planned([node(1, 'directory', [root, 'd'], null), lost]), ['verify 2', 'delete 1 after verify 2']);
});

test('nothing is done in a directory that was lost sight of, nor with what leaves it', () => {
  const lost = { ...node(1, 'directory', [root, 'd'], [root, 'e']), sent: { parent: root, name: 'e', version: 1 } };
  const differences = [
    lost,
    node(3, 'file', null, [1, 'new']),
    node(4, 'file', [2, 'below'], [root, 'below']),
    node(5, 'file', [1, 'gone'], null),
  ];
  assert.deepEqual(planned(differences, { 2: 1 }), [
    'verify 1',
    'upload 3 after verify 1',
    'move 4 after verify 1',
    'delete 5 after verify 1',
  ]);
});

test('a mode that changed is set by itself, where the file is by then', () => {
  assert.deepEqual(planned([node(1, 'file', [root, 'a'], [root, 'a'], false, true)]), ['setMetadata 1']);
  assert.deepEqual(
    planned([node(2, 'directory', null, [root, 'd']), node(1, 'file', [root, 'a'], [2, 'b'], false, true)]),
    ['makeDirectory 2', 'move 1 after makeDirectory 2', 'setMetadata 1 after move 1, makeDirectory 2'],
  );
});

test('a mode that changed goes with the content where that is sent, and not at all for what was removed', () => {
  assert.deepEqual(planned([node(1, 'file', [root, 'a'], [root, 'a'], true, true)]), ['upload 1']);
  assert.deepEqual(planned([node(1, 'file', [root, 'a'], null, false, true)]), ['delete 1']);
});

test('no step of a plan looks at many nodes', () => {
  const looked = new Set<number>();
  const watched = (difference: Difference): Difference =>
    new Proxy(difference, {
      get: (target, key) => {
        looked.add(target.id);
        return target[key as keyof Difference];
      },
    });
  const gone = Array.from({ length: 200 }, (_, i) => node(100 + i, 'file', [1, `f${i}`], null));
  const swapped = Array.from({ length: 200 }, (_, i) => node(400 + i, 'file', [2, `${i}`], [2, `${(i + 1) % 200}`]));
  const directories = [node(1, 'directory', [root, 'd'], null), node(2, 'directory', [root, 'e'], [root, 'g'])];
  const lost = { ...node(3, 'file', null, [root, 'b']), sent: { parent: root, name: 'a', version: 1 } };
  const differences = [...directories, lost, ...gone, ...swapped].map(watched);
  let most = 0;
  const steps = planSteps(differences, () => null);
  while (steps.next().done !== true) {
    most = Math.max(most, looked.size);
    looked.clear();
  }
  assert.ok(most > 0 && most <= 8, `${most} nodes in one step`);
});
