import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DirectoryWalk } from './directory-walk.ts';

/** Files 100, 101, ... */
function walkOf(count: number): DirectoryWalk {
  return new DirectoryWalk(Array.from({ length: count }, (_, i) => 100 + i));
}

const kibibyte = 1 << 10;
const small = (): number => 4 * kibibyte;

/** Opens files one after the other; answers how many were fetched after each. */
function openInOrder(walk: DirectoryWalk, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    walk.opened(from + i);
    return walk.next(small).length;
  });
}

describe('a walk through a directory', () => {
  it('is believed at the third file, and grows with what was opened', () => {
    assert.deepEqual(openInOrder(walkOf(1000), 100, 6), [0, 0, 12, 5, 5, 5]);
  });

  it('has never more than 64 files fetched that were not opened', () => {
    const walk = walkOf(1000);
    const fetched = openInOrder(walk, 100, 400).reduce((sum, count) => sum + count, 0);
    assert.equal(fetched, 400 - 3 + 64);
  });

  it('nor more than 8 MiB', () => {
    const walk = walkOf(1000);
    let fetched = 0;
    for (let file = 100; file < 140; file++) {
      walk.opened(file);
      fetched += walk.next(() => 256 * kibibyte).length;
    }
    assert.equal(fetched, 40 - 3 + 32);
  });

  it('fetches each file once, in order, and ends at the end of the directory', () => {
    const walk = walkOf(50);
    const fetched: number[] = [];
    for (let file = 100; file < 150; file++) {
      walk.opened(file);
      fetched.push(...walk.next(small));
    }
    assert.deepEqual(
      fetched,
      Array.from({ length: 47 }, (_, i) => 103 + i),
    );
  });

  it('goes on where several share it, and a little out of order', () => {
    const walk = walkOf(1000);
    for (const file of [100, 104, 101, 103, 102, 107, 106, 105]) walk.opened(file);
    assert.ok(walk.next(small).length >= 24);
    assert.equal(walk.opened(110), 'goes on');
  });

  it('begins anew after a jump, with another interest', () => {
    const walk = walkOf(1000);
    openInOrder(walk, 100, 10);
    const { interest } = walk;
    assert.equal(walk.opened(900), 'elsewhere');
    assert.notEqual(walk.interest, interest);
    assert.deepEqual(walk.next(small), []);
    assert.deepEqual(openInOrder(walk, 901, 2), [0, 12]);
  });

  it('fetches nothing for files opened here and there', () => {
    const walk = walkOf(1000);
    for (let i = 0; i < 100; i++) {
      walk.opened(100 + ((i * 337) % 1000));
      assert.deepEqual(walk.next(small), []);
    }
  });

  it('soon stops where only every tenth file is opened', () => {
    const walk = walkOf(10_000);
    let fetched = 0;
    for (let file = 100; file < 8000; file += 10) {
      walk.opened(file);
      fetched += walk.next(small).length;
    }
    assert.ok(fetched < 790 * 3, `${fetched} files were fetched for 790 that were opened`);
  });

  it('does not know files that came later', () => {
    assert.equal(walkOf(10).opened(500), 'unknown');
  });
});
