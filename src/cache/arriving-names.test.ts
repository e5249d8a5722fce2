import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, until } from '../../test/fakes/cache-trial.ts';
import { HeldListings } from '../../test/fakes/held-listings.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';
import type { NodeListing } from './node-tree.ts';

const limit = { timeout: 30_000 };
const many = 300;
const held = 100;

/** A directory `/d` that the cache never saw, whose listing stops after `held` of its `many` names. */
async function unseen(t: TestContext): Promise<{ trial: CacheTrial; listings: HeldListings; directory: number }> {
  const store = new MemoryStore();
  for (let i = 0; i < many; i++) await writeBytes(store, `/d/${nameOf(i)}`, 'x');
  const trial = new CacheTrial(t, { store });
  const directory = await trial.id('/d');
  const listings = new HeldListings(store);
  listings.hold(held);
  t.after(() => listings.heal());
  return { trial, listings, directory };
}

function nameOf(index: number): string {
  return `f${String(index).padStart(4, '0')}`;
}

function names(listing: NodeListing): string[] {
  return Array.from({ length: listing.length }, (_, position) => listing.at(position)?.shownName ?? 'gone');
}

async function whole(listing: NodeListing): Promise<string[]> {
  while (!listing.isWhole) await listing.more();
  return names(listing);
}

const expected = Array.from({ length: many }, (_, index) => nameOf(index));

describe('the first listing of a directory', () => {
  it('is read while it arrives', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    const listing = await trial.tree.readDirectory(directory);
    await until(() => listing.length === held);
    assert.equal(listing.isWhole, false);
    assert.deepEqual(names(listing), expected.slice(0, held));
    let isMore = false;
    const more = listing.more().then(() => (isMore = true));
    await sleep(20);
    assert.equal(isMore, false);
    listings.goOn();
    await more;
    assert.deepEqual(await whole(listing), expected);
    assert.deepEqual(await whole(await trial.tree.readDirectory(directory)), expected);
    assert.equal(trial.calls('list').filter(({ path }) => path === '/d').length, 1);
  });

  it('is shared by all who read it, and goes on when they leave', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    const [one, other] = await Promise.all([trial.tree.readDirectory(directory), trial.tree.readDirectory(directory)]);
    await until(() => one.length === held && other.length === held);
    listings.goOn();
    await until(() => !(trial.tree.lookup(directory, nameOf(many - 1)) instanceof Promise));
    assert.deepEqual(names(other), expected);
    assert.equal(trial.calls('list').filter(({ path }) => path === '/d').length, 1);
  });

  it('lets go of who looks for a name as soon as it has come', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    const [first, coming] = [trial.tree.lookup(directory, nameOf(0)), trial.tree.lookup(directory, nameOf(many - 1))];
    assert.equal((await first)?.shownName, nameOf(0));
    assert.ok(trial.tree.freshFor(directory) > 1000, 'what was told may be believed');
    let isOver = false;
    const missing = Promise.resolve(trial.tree.lookup(directory, 'missing')).finally(() => (isOver = true));
    await sleep(20);
    assert.equal(isOver, false, 'only the whole listing says that a name is missing');
    listings.goOn();
    assert.equal((await coming)?.shownName, nameOf(many - 1));
    assert.equal(await missing, undefined);
  });

  it('that fails half way fails who reads on, and nobody takes it for whole', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    const listing = await trial.tree.readDirectory(directory);
    await until(() => listing.length === held);
    const [more, missing] = [listing.more(), Promise.resolve(trial.tree.lookup(directory, 'missing'))];
    listings.fail(new StoreError('Unavailable', { message: 'broken off' }));
    await assert.rejects(more, { code: 'Unavailable' });
    await assert.rejects(missing, { code: 'Unavailable' });
    await assert.rejects(listing.more(), { code: 'Unavailable' });
    assert.equal(listing.isWhole, false);
    assert.deepEqual(names(listing), expected.slice(0, held));
    await trial.store.delete(`/d/${nameOf(1)}`);
    listings.heal();
    const again = await whole(await trial.tree.readDirectory(directory));
    assert.deepEqual(again.toSorted(), expected.toSpliced(1, 1));
    assert.equal(await trial.find(`/d/${nameOf(1)}`), undefined);
  });

  it('that fails at once fails who opens', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    listings.hold(0);
    const opened = Promise.resolve(trial.tree.readDirectory(directory));
    listings.fail(new StoreError('PermissionDenied'));
    await assert.rejects(opened, { code: 'PermissionDenied' });
  });

  it('is what it was after a restart in the middle', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    const listing = await trial.tree.readDirectory(directory);
    await until(() => listing.length === held);
    listings.fail(new StoreError('Unavailable'));
    await assert.rejects(listing.more());
    await trial.reopen();
    listings.heal();
    const names = await whole(await trial.tree.readDirectory(directory));
    assert.deepEqual(names.toSorted(), expected);
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('tells links last, because a file that comes later may have their name', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    for (const name of ['a.rclonelink', 'b.rclonelink', 'b.rclonelinke'])
      await writeBytes(trial.store, `/d/${name}`, 'x');
    await writeBytes(trial.store, '/d/b', 'plain');
    const store = trial.store as MemoryStore;
    const list = store.list.bind(store);
    // As a service that knows no order.
    store.list = async function* (path, options) {
      yield* (await Array.fromAsync(list(path, options))).toSorted((a, b) => (a.path > b.path ? -1 : 1));
    };
    listings.goOn();
    const link = trial.tree.lookup(directory, 'b');
    const found = await whole(await trial.tree.readDirectory(directory));
    assert.deepEqual(found.slice(-1), ['a']);
    assert.deepEqual(
      found.filter((name) => name.startsWith('b')),
      ['b.rclonelinke', 'b.rclonelink', 'b'],
    );
    assert.equal((await link)?.link, false);
  });

  it('lets the event loop turn', limit, async (t) => {
    const { trial, listings, directory } = await unseen(t);
    listings.goOn();
    let turns = 0;
    let timer = setImmediate(function turn() {
      turns++;
      timer = setImmediate(turn);
    });
    const listed = await trial.tree.list(directory);
    clearImmediate(timer);
    assert.ok(turns >= Math.floor(many / 64), `${turns} turns`);
    assert.equal(listed.length, many);
  });
});
