import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteActivity } from './remote-activity.ts';

test('a name that was being changed when the listing began is unreliable', () => {
  const activity = new RemoteActivity();
  const end = activity.begin(1, 'a');
  const watch = activity.watch(1);
  end();
  assert.deepEqual([...watch.unreliable], ['a']);
});

test('so is one whose change began, or began and ended, during the listing', () => {
  const activity = new RemoteActivity();
  const watch = activity.watch(1);
  activity.begin(1, 'a');
  activity.begin(1, 'b')();
  assert.deepEqual([...watch.unreliable], ['a', 'b']);
});

test('what ended before, began after, or happens elsewhere says nothing', () => {
  const activity = new RemoteActivity();
  activity.begin(1, 'a')();
  activity.begin(2, 'b');
  const watch = activity.watch(1);
  watch.end();
  activity.begin(1, 'c');
  assert.deepEqual([...watch.unreliable], []);
});

test('of two changes of one name, the end of one leaves the other', () => {
  const activity = new RemoteActivity();
  const end = activity.begin(1, 'a');
  const endOther = activity.begin(1, 'a');
  end();
  assert.deepEqual([...activity.watch(1).unreliable], ['a']);
  endOther();
  assert.deepEqual([...activity.watch(1).unreliable], []);
});

test('two listings at a time keep apart', () => {
  const activity = new RemoteActivity();
  const first = activity.watch(1);
  activity.begin(1, 'a')();
  const second = activity.watch(1);
  activity.begin(1, 'b')();
  first.end();
  activity.begin(1, 'c')();
  assert.deepEqual([...first.unreliable], ['a', 'b']);
  assert.deepEqual([...second.unreliable], ['b', 'c']);
});
