import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from './room.ts';

const limit = { timeout: 20_000 };

/** A room of 100 bytes, 200 at the most; eviction gives back what is `evictable`. */
function room(
  bytes: number,
  evictable: number,
  patience = 10_000,
): { room: Room; asked: number[]; state: { evictable: number; waits: number } } {
  const asked: number[] = [];
  const state = { evictable, waits: 0 };
  const made: Room = new Room(bytes, {
    maxBytes: 100,
    hardMaxBytes: 200,
    patience,
    onWait: () => state.waits++,
    evict: (wanted) => {
      asked.push(wanted);
      const given = Math.min(wanted, state.evictable);
      state.evictable -= given;
      made.give(given);
    },
  });
  return { room: made, asked, state };
}

test('below the soft limit nothing is evicted', () => {
  const { room: full, asked } = room(0, 100);
  assert.equal(full.take(100), undefined);
  assert.equal(full.bytes, 100);
  assert.deepEqual(asked, []);
});

test('above it, as much is evicted as is too much', () => {
  const { room: full, asked } = room(90, 90);
  assert.equal(full.take(30), undefined);
  assert.deepEqual(asked, [20]);
  assert.equal(full.bytes, 100);
});

test('data of the user passes the soft limit when nothing can be evicted', () => {
  const { room: full } = room(100, 0);
  assert.equal(full.take(100), undefined);
  assert.equal(full.bytes, 200);
});

test('nothing needs no room', () => {
  const { room: full } = room(500, 0);
  assert.equal(full.take(0), undefined);
  assert.equal(full.take(-5), undefined);
  assert.equal(full.bytes, 500);
});

test('eviction that found nothing is not tried again with every write', () => {
  const { room: full, asked } = room(100, 0);
  for (let i = 0; i < 50; i++) assert.equal(full.take(1), undefined);
  assert.ok(asked.length < 5, `asked ${asked.length} times`);
});

test('above the hard limit a writer waits until there is room', limit, async () => {
  const { room: full, state } = room(200, 0);
  const taken = full.take(50);
  assert.ok(taken instanceof Promise);
  assert.equal(full.bytes, 200);
  state.evictable = 50;
  await taken;
  assert.ok(state.waits > 0, 'it says that somebody waits');
  assert.equal(full.bytes, 200);
});

test('room that others give back is found too', limit, async () => {
  const { room: full } = room(200, 0);
  const taken = full.take(50);
  full.give(80);
  await taken;
  assert.equal(full.bytes, 170);
});

test('a writer that waits too long is refused, and has taken nothing', limit, async () => {
  const { room: full } = room(200, 0, 50);
  await assert.rejects(Promise.resolve(full.take(1)), { code: 'QuotaExceeded' });
  assert.equal(full.bytes, 200);
});

test('what can never have room is refused without a wait', () => {
  const { room: full, asked } = room(0, 0);
  assert.throws(() => full.take(201), { code: 'QuotaExceeded' });
  assert.deepEqual([full.bytes, asked], [0, []]);
});

test('a writer that is aborted ends with the reason, and has taken nothing', limit, async () => {
  const { room: full } = room(200, 0);
  const abort = new AbortController();
  const taken = Promise.resolve(full.take(1, abort));
  abort.abort(new Error('enough'));
  await assert.rejects(taken, /enough/);
  assert.equal(full.bytes, 200);
});

test('clean data passes every limit and pushes older content out', () => {
  const { room: full, asked } = room(190, 30);
  full.takeForClean(50);
  assert.deepEqual(asked, [140]);
  assert.equal(full.bytes, 210);
});

test('the account never falls below nothing', () => {
  const { room: full } = room(10, 0);
  full.give(20);
  assert.equal(full.bytes, 0);
});
