import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Node } from './node.ts';
import { NodeTimes } from './node-times.ts';

describe('NodeTimes', { timeout: 10_000 }, () => {
  const nodes = Array.from({ length: 150 }, (_, index) => new Node(100 + index, 'file'));

  it('commits in pieces, each node once', () => {
    const saved: Node[] = [];
    let commits = 0;
    const times = new NodeTimes({
      transaction: (work) => {
        commits++;
        work();
      },
      save: (node) => void saved.push(node),
    });
    for (const node of [...nodes, ...nodes]) times.note(node);
    const pieces = times.save();
    pieces.next();
    assert.equal(saved.length, 64);
    assert.ok(!times.has(nodes[0] as Node));
    assert.ok(times.has(nodes[149] as Node));
    for (const _ of pieces);
    assert.equal(commits, 3);
    assert.deepEqual(saved, nodes);
  });

  it('still has what could not be committed', () => {
    const times = new NodeTimes({
      transaction: () => {
        throw new Error('no commit');
      },
      save: () => undefined,
    });
    for (const node of nodes) times.note(node);
    assert.throws(() => times.save().next(), /no commit/);
    assert.ok(nodes.every((node) => times.has(node)));
  });

  it('comes to an end where others are noted meanwhile', () => {
    const times = new NodeTimes({ transaction: (work) => work(), save: () => undefined });
    for (const node of nodes) times.note(node);
    let pieces = 0;
    for (const _ of times.save()) {
      pieces++;
      for (const node of nodes) times.note(node);
      assert.ok(pieces < 10);
    }
    assert.equal(pieces, 3);
  });
});
