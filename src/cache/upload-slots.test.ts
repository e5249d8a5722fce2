import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from './node.ts';
import type { Operation } from './operation.ts';
import { UploadSlots } from './upload-slots.ts';

let last = 0;

/** An operation on a node of its own, at some paths. */
class Candidate {
  readonly node: Node;
  readonly operation: Operation;
  readonly paths: readonly string[];

  constructor(kind: Operation['kind'], type: Node['kind'], paths: readonly string[], size = 0) {
    this.node = new Node(++last, type);
    this.node.size = size;
    this.operation = { kind, node: this.node.id, after: new Set() };
    this.paths = paths;
  }

  fits(slots: UploadSlots): boolean {
    return slots.fits(this);
  }

  begin(slots: UploadSlots): void {
    slots.begin(this);
  }
}

function upload(path: string, size = 0): Candidate {
  return new Candidate('upload', 'file', [path], size);
}

/** So many operations, begun and ended in this way. */
function runMany(slots: UploadSlots, many: number, result: 'done' | 'failed' | 'rateLimited'): void {
  for (let i = 0; i < many; i++) {
    const one = upload(`/many/${i}`);
    one.begin(slots);
    slots.end(one.operation, result);
  }
}

/** How many small uploads fit at once. */
function width(slots: UploadSlots): number {
  const begun: Candidate[] = [];
  while (!slots.isFull) {
    const one = upload(`/wide/${begun.length}`);
    one.begin(slots);
    begun.push(one);
  }
  for (const { operation } of begun) slots.end(operation, 'failed');
  return begun.length;
}

test('what the store gathers has places of its own, and the pace of the rest does not touch them', () => {
  const slots = new UploadSlots(2, () => 64);
  const begin = (path: string, size: number): void => {
    const one = upload(path, size);
    if (one.fits(slots)) one.begin(slots);
  };
  for (let i = 0; i < 3; i++) begin(`/other/${i}`, 65);
  assert.equal(slots.running, 2);
  assert.equal(slots.isFull, false);
  for (let i = 0; i < 600; i++) begin(`/small/${i}`, 64);
  assert.equal(slots.running, 502);
  assert.equal(slots.isFull, true);
});

test('it is full with as many as it starts with, 64 at the most', () => {
  assert.equal(width(new UploadSlots(3)), 3);
  assert.equal(width(new UploadSlots(1000)), 64);
});

test('a complaint about the rate halves it, but never below one', () => {
  const slots = new UploadSlots(16);
  runMany(slots, 1, 'rateLimited');
  assert.equal(width(slots), 8);
  runMany(slots, 10, 'rateLimited');
  assert.equal(width(slots), 1);
});

test('sixteen successes without a complaint win one more', () => {
  const slots = new UploadSlots(4);
  runMany(slots, 15, 'done');
  assert.equal(width(slots), 4);
  runMany(slots, 1, 'done');
  assert.equal(width(slots), 5);
  runMany(slots, 15, 'done');
  runMany(slots, 1, 'rateLimited');
  runMany(slots, 15, 'done');
  assert.equal(width(slots), 2);
  runMany(slots, 1000, 'done');
  assert.equal(width(slots), 64);
});

test('of files that are not small, 32 are sent at a time, and small ones beside them', () => {
  const slots = new UploadSlots(64);
  const others = Array.from({ length: 33 }, (_, i) => upload(`/other/${i}`, 2 << 20));
  for (const one of others) if (one.fits(slots)) one.begin(slots);
  assert.equal(slots.running, 32);
  assert.equal(upload('/small').fits(slots), true);
});

test('large files are sent four at a time, small ones beside them', () => {
  const slots = new UploadSlots(16);
  const large = Array.from({ length: 5 }, (_, i) => upload(`/large/${i}`, 9 << 20));
  for (const one of large.slice(0, 4)) {
    assert.equal(one.fits(slots), true);
    one.begin(slots);
  }
  assert.equal(large[4]?.fits(slots), false);
  assert.equal(upload('/small').fits(slots), true);
  assert.equal(slots.running, 4);
  slots.end((large[0] as Candidate).operation, 'done');
  assert.equal(large[4]?.fits(slots), true);
});

test('nothing runs inside a directory that is being moved or deleted, and the other way round', () => {
  for (const kind of ['move', 'moveAside', 'delete'] as const) {
    const moving = new Candidate(kind, 'directory', ['/a/b', '/c']);
    for (const path of ['/a/b/x', '/c/x/y', '/a/b', '/c']) {
      const slots = new UploadSlots(16);
      moving.begin(slots);
      assert.equal(upload(path).fits(slots), false, `${kind} before ${path}`);
      const others = new UploadSlots(16);
      upload(path).begin(others);
      assert.equal(moving.fits(others), false, `${path} before ${kind}`);
    }
    const slots = new UploadSlots(16);
    moving.begin(slots);
    for (const path of ['/a', '/a/bc', '/a/d', '/cc']) assert.equal(upload(path).fits(slots), true, path);
  }
});

test('one path is touched once at a time', () => {
  const slots = new UploadSlots(16);
  new Candidate('move', 'file', ['/a', '/b']).begin(slots);
  assert.equal(upload('/b').fits(slots), false);
  assert.equal(new Candidate('delete', 'file', ['/a']).fits(slots), false);
  assert.equal(upload('/a/x').fits(slots), true);
});

test('a directory is made while files are sent into its neighbours', () => {
  const slots = new UploadSlots(16);
  new Candidate('makeDirectory', 'directory', ['/a/b']).begin(slots);
  assert.equal(upload('/a/c').fits(slots), true);
  assert.equal(new Candidate('makeDirectory', 'directory', ['/a/b/c']).fits(slots), true);
});
