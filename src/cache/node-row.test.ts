import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Edits } from './edits.ts';
import { Node } from './node.ts';
import { nodeColumns, nodeOf, rowOf } from './node-row.ts';
import { Ranges } from './ranges.ts';

test('a row tells everything of a node that outlives the process', () => {
  const node = new Node(42, 'file');
  node.parent = 16;
  node.name = 'ü';
  Object.assign(node, { size: 1, modified: 2.5, changed: 3, mode: 0o644, uid: 5, gid: 6, content: 7, accessed: 8 });
  Object.assign(node, { contentVersion: 9, listedAt: 10, dirtiedAt: 11, readAt: 12, dataModified: 13 });
  Object.assign(node, { contentDirty: true, writing: true, conflict: true, link: true, pagesAreStale: true });
  const told = { revision: 'r', size: 18, modified: 19, metadata: { mode: '100755' }, unsure: true } as const;
  node.synced = { parent: 17, name: 'old', ...told };
  node.sent = { parent: 20, name: 'sent', size: 21, modified: 22, version: 23 };
  node.present = Ranges.parse('[0,1]');
  node.edits = Edits.parse('["r",[0,1]]');
  assert.equal(rowOf(node).length, nodeColumns.length);
  assert.deepEqual(nodeOf(rowOf(node)), node);
});

test('a row without what most nodes lack is read too, and a name is kept once', () => {
  const node = new Node(42, 'directory');
  node.name = 'same';
  node.pagesAreStale = true;
  const told = { revision: undefined, size: 0, modified: 0, metadata: undefined, unsure: undefined };
  node.synced = { parent: 17, name: 'same', ...told };
  assert.deepEqual(nodeOf(rowOf(node)), node);
});
