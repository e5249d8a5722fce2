import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import type { Answer } from '../cache/node-tree.ts';
import type { Usage } from '../store/store.ts';
import { spaceOf } from './space.ts';

/** A tree whose service tells its figures when the test does. */
class WaitingTree extends MemoryNodeTree {
  readonly told = Promise.withResolvers<Usage>();
  known: Usage | undefined;

  override usage(): Answer<Usage> {
    return this.known ?? this.told.promise;
  }
}

describe('the space of a mount', { timeout: 20_000 }, () => {
  it('is there at once while the service hangs, and right when it has answered', async () => {
    const tree = new WaitingTree();
    const free = (await spaceOf(tree)).blocksFree;
    assert.equal(free, 2 ** 38, 'no program sees a full disk');
    tree.known = { used: 4096, total: 8192 };
    assert.equal((await spaceOf(tree)).blocksFree, 1);
  });

  it('is that of the account where the service answers soon', async () => {
    const tree = new WaitingTree();
    const space = spaceOf(tree);
    tree.told.resolve({ used: 4096, total: 8192 });
    assert.deepEqual([(await space).blocks, (await space).blocksFree], [2, 1]);
  });

  it('tells a mistake of the program, also a late one', async () => {
    const tree = new WaitingTree();
    await spaceOf(tree);
    const failing = spaceOf(tree);
    tree.told.reject(new TypeError('a mistake'));
    await assert.rejects(async () => failing, TypeError);
  });
});
