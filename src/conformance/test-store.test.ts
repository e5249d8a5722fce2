/** The suite itself: it reports as it says, and each kind of broken store fails the cases that are about it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { bytesSource } from '../store/source.ts';
import type {
  DeleteOptions,
  Download,
  Entry,
  FileEntry,
  ListOptions,
  ReadOptions,
  Source,
  Store,
  TransferOptions,
  WriteOptions,
} from '../store/store.ts';
import { type ConformanceTest, testStore } from './index.ts';

class ForgetsEmptyDirectories extends MemoryStore {
  override async delete(path: string, options?: DeleteOptions): Promise<void> {
    await super.delete(path, options);
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && (await Array.fromAsync(this.list(parent))).length === 0) await super.delete(parent);
  }
}

class DeletesByPrefix extends MemoryStore {
  override async delete(path: string, options?: DeleteOptions): Promise<void> {
    await super.delete(path, options);
    if (options?.recursive !== true) return;
    for await (const entry of this.list('/')) if (entry.path.startsWith(path)) await super.delete(entry.path, options);
  }
}

class ListsEmptyForMissing extends MemoryStore {
  override async *list(path: string, options?: ListOptions): AsyncGenerator<Entry> {
    try {
      yield* super.list(path, options);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'NotFound') throw error;
    }
  }
}

class ListsOnePage extends MemoryStore {
  override async *list(path: string, options?: ListOptions): AsyncGenerator<Entry> {
    let left = 1000;
    for await (const entry of super.list(path, options)) if (left-- > 0) yield entry;
  }
}

class DecodesNames extends MemoryStore {
  override write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry> {
    return super.write(path.replaceAll('%2F', '/').replaceAll('+', ' '), source, options);
  }
}

class KeepsMovedSource extends MemoryStore {
  override move(from: string, to: string, options?: TransferOptions): Promise<void> {
    return super.copy(from, to, options);
  }
}

class IgnoresConditions extends MemoryStore {
  override write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry> {
    return super.write(path, source, { ...options, ifRevision: undefined });
  }
}

class WritesInPlace extends MemoryStore {
  override async write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry> {
    await super.write(path, bytesSource(''), options);
    return super.write(path, source, { ...options, ifRevision: undefined });
  }
}

class IgnoresOffset extends MemoryStore {
  override read(path: string, options?: ReadOptions): Promise<Download> {
    return super.read(path, { ...options, offset: undefined });
  }
}

class NeverAborts extends MemoryStore {
  override write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry> {
    return super.write(path, source, { ...options, signal: undefined });
  }
}

const broken: readonly (readonly [new () => Store, RegExp])[] = [
  [ForgetsEmptyDirectories, /^a directory stays when its last entry/],
  [DeletesByPrefix, /^a recursive delete removes everything below, and no neighbour/],
  [ListsEmptyForMissing, /^an empty directory lists nothing, a missing one is NotFound/],
  [ListsOnePage, /^a directory of 2500 files/],
  [DecodesNames, /^a file and a directory can be called "a\+b"/],
  [KeepsMovedSource, /^move of a file$/],
  [IgnoresConditions, /^of writers who create one file at the same time/],
  [WritesInPlace, /^a source that throws midway/],
  [WritesInPlace, /^readers see the old file or the new one/],
  [IgnoresOffset, /^a range is cut/],
  [NeverAborts, /^a write that is aborted while its source waits/],
];

describe('the conformance suite', { timeout: 60_000 }, () => {
  for (const [Broken, about] of broken) {
    it(`finds out that a store is broken: ${Broken.name}, ${String(about)}`, async () => {
      const test = collect({ open: () => new Broken(), timeout: 5_000 }).find(({ name }) => about.test(name));
      assert.ok(test, 'no case is about it');
      await assert.rejects(test.run([]));
    });
  }

  it('registers each case once, under a name of its own', () => {
    const names = collect({ open: () => new MemoryStore() }).map(({ name }) => name);
    assert.ok(names.length > 150);
    assert.equal(new Set(names).size, names.length);
  });

  it('closes every store that it opened, also after a failure', async () => {
    let open = 0;
    class Counted extends KeepsMovedSource {
      override async close(): Promise<void> {
        open--;
      }
    }
    const tests = collect({
      open: () => {
        open++;
        return new Counted();
      },
    });
    for (const { run } of tests.filter(({ name }) => /^(move|stat) of/.test(name))) await run([]).catch(() => {});
    assert.equal(open, 0);
  });

  it('reports a skipped case with its reason, with and without the runner knowing of skips', async () => {
    const skip = [{ test: 'move of a file', reason: 'the service cannot' }];
    for (const canSkip of [true, false]) {
      const tests = collect({ open: () => new KeepsMovedSource(), skip }, canSkip);
      const test = tests.find(({ name }) => name === 'move of a file (skipped: the service cannot)');
      assert.ok(test);
      assert.equal(test.isSkipped, canSkip);
      await test.run([]);
    }
  });

  it('refuses to skip what does not exist', () => {
    const skip = [{ test: 'no such case', reason: 'a reason' }];
    assert.throws(() => collect({ open: () => new MemoryStore(), skip }), TypeError);
  });

  it('tells the runner why a case does not apply', async () => {
    const test = collect({ open: () => new MemoryStore() }).find(
      ({ name }) => name === 'names that differ in case are one file',
    );
    const reasons: string[] = [];
    await test?.run([{ skip: (reason: string) => reasons.push(reason) }]);
    assert.deepEqual(reasons, ['the store is case sensitive']);
  });

  it('waits for a store to settle after each change', async () => {
    let settled = 0;
    const tests = collect({ open: () => new MemoryStore(), settle: () => void settled++ });
    await tests.find(({ name }) => name === 'move of a file')?.run([]);
    assert.equal(settled, 2);
  });
});

interface Registered {
  readonly name: string;
  readonly isSkipped: boolean;
  readonly run: (context: unknown[]) => Promise<void>;
}

/** Registers the suite with a runner that runs nothing. */
function collect(options: Omit<Parameters<typeof testStore>[1], 'runner'>, canSkip = true): Registered[] {
  const tests: Registered[] = [];
  const it: ConformanceTest = (name, body) =>
    tests.push({ name, isSkipped: false, run: (context) => body(...context) });
  if (canSkip) it.skip = (name) => tests.push({ name, isSkipped: true, run: async () => {} });
  testStore('a store', { runner: { describe: (_name, body) => body(), it }, ...options });
  return tests;
}
