import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eachPiece } from './each-piece.ts';
import { GrowingListing } from './growing-listing.ts';
import { Node } from './node.ts';
import { atOnce } from './turns.ts';

function node(id: number): Node {
  return Object.assign(new Node(id, 'file'), { name: `f${id}` });
}

describe('GrowingListing', { timeout: 10_000 }, () => {
  it('wakes who waits for more, and for the end', async () => {
    const listing = new GrowingListing();
    const woken: number[] = [];
    const waiting = [1, 2].map(async () => {
      await listing.more();
      woken.push(listing.nodes.length);
    });
    listing.add([]);
    listing.add([node(1), node(2)]);
    await Promise.all(waiting);
    assert.deepEqual(woken, [2, 2]);
    const last = listing.more();
    listing.end();
    await last;
    await listing.more();
    assert.deepEqual([listing.isWhole, listing.names], [true, ['f1', 'f2']]);
  });

  it('fails who waits now, and who asks later', async () => {
    const listing = new GrowingListing();
    const [waiting, reason] = [listing.more(), new Error('gone')];
    listing.fail(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(listing.more(), reason);
    await assert.rejects(
      listing.until(() => undefined),
      reason,
    );
  });

  it('keeps the names that nodes had', () => {
    const [one, other] = [node(1), node(2)];
    const listing = GrowingListing.of([one]);
    one.name = 'renamed';
    assert.deepEqual([listing.names, listing.has(one), listing.has(other)], [['f1'], true, false]);
  });
});

describe('eachPiece', { timeout: 10_000 }, () => {
  it('hands on what a turn has brought, without waiting for more', async () => {
    const pieces: number[][] = [];
    const { promise: next, resolve: bring } = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<number> {
      yield* [1, 2];
      await next;
      yield* [3, 4];
    }
    const handed = Promise.withResolvers<void>();
    const all = eachPiece(slow(), (piece) => {
      pieces.push([...piece]);
      handed.resolve();
    });
    await handed.promise;
    assert.deepEqual(pieces, [[1, 2]]);
    bring();
    await all;
    assert.deepEqual(pieces, [
      [1, 2],
      [3, 4],
    ]);
  });

  it('hands on little at a time, and lets the event loop turn', async () => {
    const pieces: number[] = [];
    let turns = 0;
    let timer = setImmediate(function turn() {
      turns++;
      timer = setImmediate(turn);
    });
    await eachPiece(Array.from({ length: atOnce * 3 + 1 }).keys(), ({ length }) => pieces.push(length));
    clearImmediate(timer);
    assert.deepEqual(pieces, [atOnce, atOnce, atOnce, 1]);
    assert.ok(turns >= 3, `${turns} turns`);
  });

  it('ends with what was thrown, wherever that was, and leaves the source', async () => {
    let isLeft = false;
    async function* endless(size: number): AsyncGenerator<number> {
      try {
        for (let i = 0; i < 1000; i++) {
          if (i % size === 0) await new Promise(setImmediate);
          yield i;
        }
      } finally {
        isLeft = true;
      }
    }
    for (const size of [10, 100]) {
      isLeft = false;
      const thrown = eachPiece(endless(size), () => {
        throw new RangeError('full');
      });
      await assert.rejects(thrown, RangeError);
      assert.ok(isLeft);
    }
  });
});
