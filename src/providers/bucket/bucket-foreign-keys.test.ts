/** Keys that other tools have put there: which of them are paths, and that what is none is left alone. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { runsOr, seed } from '../../../test/seeded-runs.ts';
import { expectStoreError } from '../../conformance/expect.ts';
import { seededRandom } from '../../layers/seeded-random.ts';
import { parentOf } from '../../store/path.ts';
import { bytesSource } from '../../store/source.ts';
import type { Entry, Store } from '../../store/store.ts';
import { BucketStore } from './bucket-store.ts';

const odd = ['/x', '//', '/', 'a//b', 'a/../x', '../x', './x', 'a/./', '.', '..', 'a/.', 'a\0b', 'b//', 'c/=/d//'];

function planted(keys: readonly string[], pageSize = 3): { bucket: MemoryBucket; store: BucketStore } {
  const bucket = new MemoryBucket({ pageSize, deletesAtOnce: 2 });
  for (const key of keys) bucket.plant(key, 'x');
  return { bucket, store: new BucketStore(bucket, { knownFor: 0 }) };
}

async function paths(store: Store, path = '/', recursive = true): Promise<string[]> {
  const entries = await Array.fromAsync(store.list(path, { recursive }));
  return entries.map((entry) => (entry.kind === 'directory' ? `${entry.path}/` : entry.path)).sort();
}

describe('keys that are no paths', { timeout: 10_000 }, () => {
  it('are not listed, but the directories on the way to them are', async () => {
    const { store } = planted([...odd, 'file', 'a/file']);
    assert.deepEqual(await paths(store), ['/a/', '/a/file', '/b/', '/c/', '/c/=/', '/c/=/d/', '/file']);
    assert.deepEqual(await paths(store, '/', false), ['/a/', '/b/', '/c/', '/file']);
    assert.deepEqual(await paths(store, '/b'), []);
  });

  it('stay where they are, whatever happens beside them', async () => {
    const { bucket, store } = planted([...odd, 'file', 'a/file']);
    await store.delete('/file');
    await store.move('/a/file', '/a/moved');
    await store.write('/a/new', bytesSource('x'));
    await store.delete('/a/moved');
    await store.delete('/a/new');
    await expectStoreError(() => store.delete('/a'), 'NotEmpty');
    await expectStoreError(() => store.delete('/b'), 'NotEmpty');
    assert.deepEqual(
      bucket.keys().filter((key) => key !== 'a/'),
      planted(odd).bucket.keys(),
    );
  });

  it('go with a recursive deletion of the directory that they lie in, and only with that', async () => {
    const { bucket, store } = planted(odd);
    await store.delete('/a', { recursive: true });
    assert.deepEqual(bucket.keys(), planted(odd.filter((key) => !key.startsWith('a/'))).bucket.keys());
  });
});

describe('keys that are not UTF-8', { timeout: 10_000 }, () => {
  const broken = 'a/b\ud800';

  it('hide nothing', async () => {
    const { store } = planted([broken, '\ud800/x', 'a/file']);
    assert.deepEqual(await paths(store), ['/a/', '/a/file']);
    assert.deepEqual(await paths(store, '/a', false), ['/a/file']);
  });

  it('are never deleted or moved under another name that looks like theirs', async () => {
    const { bucket, store } = planted([broken, 'a/b\ufffd']);
    await expectStoreError(() => store.delete('/a', { recursive: true }), 'Unsupported');
    await expectStoreError(() => store.move('/a', '/c'), 'Unsupported');
    assert.ok(bucket.keys().includes(broken));
  });
});

describe('neighbours whose names begin alike', { timeout: 10_000 }, () => {
  const neighbours = ['a b/c', 'a!', 'a-/x', 'a.txt', 'a0', 'a_', 'aa/a', 'ab', 'a\u00ff', 'A/b'];

  it('are not touched by what happens to /a', async () => {
    for (const pageSize of [1, 3, 1000]) {
      const { bucket, store } = planted([...neighbours, 'a/1', 'a/b/2', 'a/b c/3'], pageSize);
      assert.deepEqual(await paths(store, '/a'), ['/a/1', '/a/b c/', '/a/b c/3', '/a/b/', '/a/b/2']);
      await store.copy('/a', '/z/y');
      await store.move('/a/b', '/z/b');
      await store.delete('/a', { recursive: true });
      await store.delete('/z', { recursive: true });
      assert.deepEqual(bucket.keys(), planted(neighbours).bucket.keys());
    }
  });
});

/** Parts of keys that meet in all ways: markers, neighbours of `/` in the order of bytes, composed and decomposed letters. */
const parts = ['a', 'b', 'a', '/', '/', '/', '_$folder$', '.', '..', '!', 'é', 'e\u0301', '\uffff', '🎉', ' '];

test('listings and stat tell one tree, whatever the keys are', { timeout: 120_000 }, async (t) => {
  t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  for (let run = 0; run < runsOr(60); run++) {
    const random = seededRandom(seed + run);
    const below = (limit: number): number => Math.floor(random() * limit);
    const bucket = new MemoryBucket({ pageSize: 1 + below(6) });
    for (let count = below(40); count > 0; count--) {
      const key = Array.from({ length: 1 + below(6) }, () => parts[below(parts.length)]).join('');
      bucket.plant(key, below(2) === 0 ? '' : 'x', below(3) === 0 ? 'application/x-directory' : undefined);
    }
    try {
      await assertOneTree(bucket);
    } catch (error) {
      throw new Error(`${JSON.stringify(bucket.keys())}; CLOUDFUSION_SEED=${seed + run}`, { cause: error });
    }
  }
});

async function assertOneTree(bucket: MemoryBucket): Promise<void> {
  const store = new BucketStore(bucket);
  const whole = await Array.fromAsync(store.list('/', { recursive: true }));
  const seen = new Set(['/']);
  for (const entry of whole) {
    assert.ok(!seen.has(entry.path), `${entry.path} is listed twice`);
    assert.ok(seen.has(parentOf(entry.path)), `${entry.path} comes before its parent`);
    seen.add(entry.path);
    assert.deepEqual(withoutTime(await store.stat(entry.path)), withoutTime(entry));
  }
  const single: Entry[] = [];
  for (const path of ['/', ...whole.filter(({ kind }) => kind === 'directory').map((entry) => entry.path)])
    single.push(...(await Array.fromAsync(store.list(path))));
  const sorted = (entries: readonly Entry[]): string[] => entries.map((entry) => `${entry.kind} ${entry.path}`).sort();
  assert.deepEqual(sorted(single), sorted(whole));
  const files = bucket.keys().filter((key) => /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))/su.test(key) && bucket.text(key) !== '');
  for (const key of files) assert.ok(seen.has(`/${key}`), `${key} is not there`);
}

function withoutTime(entry: Entry): unknown {
  return entry.kind === 'file' ? { ...entry, modified: 0, metadata: 0 } : entry;
}
