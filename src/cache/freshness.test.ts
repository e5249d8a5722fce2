import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { Freshness } from './freshness.ts';
import { Node } from './node.ts';

const start = Date.UTC(2026, 0, 1);

/** A directory that the store has, listed at the beginning, and a clock that stands still. */
function listed(t: TestContext): Node {
  t.mock.timers.enable({ apis: ['Date'], now: start });
  const directory = new Node(7, 'directory');
  directory.synced = { parent: 1, name: 'd', size: 0, modified: 0 };
  directory.listedAt = start;
  return directory;
}

it('a listing is believed for its time', (t) => {
  const directory = listed(t);
  const freshness = new Freshness(1000);
  assert.equal(freshness.freshFor(directory), 1000);
  t.mock.timers.setTime(start + 1000);
  assert.equal(freshness.isFresh(directory), false);
});

it('of which nothing was told, it is as good as a new one', (t) => {
  const directory = listed(t);
  const freshness = new Freshness(1000);
  freshness.confirm(start - 1, start + 5000);
  t.mock.timers.setTime(start + 5400);
  assert.equal(freshness.freshFor(directory), 600);
  t.mock.timers.setTime(start + 6000);
  assert.equal(freshness.isFresh(directory), false, 'the store tells nothing any more');
});

it('what is older than the changes that are told is believed for its own time only', (t) => {
  const directory = listed(t);
  const freshness = new Freshness(1000);
  freshness.confirm(start, start + 5000);
  t.mock.timers.setTime(start + 5400);
  assert.equal(freshness.isFresh(directory), false);
});

it('nothing is believed for more than an hour without a look', (t) => {
  const directory = listed(t);
  const freshness = new Freshness(1000);
  const later = start + 3_600_000;
  freshness.confirm(start - 1, later + 5000);
  t.mock.timers.setTime(later + 999);
  assert.equal(freshness.isFresh(directory), true);
  t.mock.timers.setTime(later + 1000);
  assert.equal(freshness.isFresh(directory), false);
});

it('a directory that was never listed is never believed', (t) => {
  const directory = listed(t);
  directory.listedAt = 0;
  const freshness = new Freshness(1000);
  freshness.confirm(start - 1, start);
  assert.equal(freshness.isFresh(directory), false);
});
