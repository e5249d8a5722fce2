/**
 * Random calls through the cache, several at once, over a remote that fails, loses answers and is slow. Whenever nothing is
 * under way, the cache must answer exactly as the store below does. Replay a failure with CLOUDFUSION_SEED=<the number printed>.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError } from '../store/errors.ts';
import { readBytes } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import type { CallOptions, Entry, ListOptions, Store } from '../store/store.ts';
import { withFaults } from './faults.ts';
import { withMetadataCache } from './metadata-cache.ts';
import { seededRandom } from './seeded-random.ts';

const rounds = runsOr(25);
const steps = 60;

/** Directories whose entries change with the names in them, as they do on disks. */
class RestlessStore extends MemoryStore {
  override async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return this.#stamped(await super.stat(path, options));
  }

  override async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    for (const entry of await Array.fromAsync(super.list(path, options))) yield await this.#stamped(entry);
  }

  async #stamped(entry: Entry): Promise<Entry> {
    if (entry.kind === 'file') return entry;
    try {
      const children = await Array.fromAsync(super.list(entry.path));
      return {
        ...entry,
        modified: children.reduce((sum, { path }) => (sum * 31 + path.length) % 9973, children.length),
      };
    } catch {
      return entry;
    }
  }
}

/** Directories that tell nothing of themselves, as on object stores. */
class TimelessStore extends MemoryStore {
  override async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return timeless(await super.stat(path, options));
  }

  override async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    for await (const entry of super.list(path, options)) yield timeless(entry);
  }
}

function timeless(entry: Entry): Entry {
  return entry.kind === 'file' ? entry : { kind: 'directory', path: entry.path };
}

class Round {
  readonly #random: () => number;
  readonly #remote: Store;
  readonly #faulty: ReturnType<typeof withFaults>;
  readonly #cached: Store;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#remote = this.#pick([new MemoryStore(), new RestlessStore(), new TimelessStore()]);
    this.#faulty = withFaults(this.#remote, { seed });
    this.#cached = withMetadataCache(this.#faulty, {
      prefetch: this.#pick([0, 2, 1000]),
      maxEntries: this.#pick([4, 12, 100_000]),
      timeToLive: 1e9,
    });
  }

  async play(): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      this.#makeTrouble();
      const calls = Array.from({ length: this.#number(4) + 1 }, () => this.#call());
      const log = calls.map(({ what }) => what).join(', ');
      for (const outcome of await Promise.allSettled(calls.map(({ done }) => done))) assertExpected(outcome);
      this.#faulty.faults.heal();
      for (let look = this.#number(4); look > 0; look -= 1) await this.#compare(this.#path(), `step ${step}: ${log}`);
    }
    for (const path of everyPath()) await this.#compare(path, 'in the end');
  }

  #makeTrouble(): void {
    const { faults } = this.#faulty;
    faults.delay = this.#pick([0, 0, 2]);
    faults.failureRate = this.#pick([0, 0, 0.2]);
    faults.lostAnswerRate = this.#pick([0, 0, 0.3]);
    faults.shortReadRate = this.#pick([0, 0.3]);
  }

  #call(): { what: string; done: Promise<unknown> } {
    const [path, to] = [this.#path(), this.#path()];
    const options: CallOptions = { signal: this.#random() < 0.1 ? AbortSignal.timeout(this.#number(3)) : undefined };
    const store = this.#cached;
    const calls: Record<string, () => Promise<unknown>> = {
      write: () => store.write(path, bytesSource('x'.repeat(this.#number(9))), options),
      makeDirectory: () => store.makeDirectory(path, options),
      delete: () => store.delete(path, options),
      deleteTree: () => store.delete(path, { ...options, recursive: true }),
      copy: () => store.copy(path, to, options),
      move: () => store.move(path, to, options),
      read: () => readBytes(store, path, options),
      stat: () => store.stat(path, options),
      list: () => Array.fromAsync(store.list(path, { ...options, recursive: this.#random() < 0.2 })),
    };
    const [name, call] = this.#pick([...Object.entries(calls), ...Object.entries(calls).slice(0, 1)]);
    return { what: `${name} ${path} ${to}`, done: call() };
  }

  async #compare(path: string, when: string): Promise<void> {
    const stats = [await answer(this.#cached.stat(path)), await answer(this.#remote.stat(path))];
    assert.deepEqual(stats[0], stats[1], `stat ${path}, ${when}`);
    const lists = [await listing(this.#cached, path), await listing(this.#remote, path)];
    assert.deepEqual(lists[0], lists[1], `list ${path}, ${when}`);
  }

  #path(): string {
    return this.#pick(everyPath());
  }

  #number(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    return choices[this.#number(choices.length)] as T;
  }
}

function everyPath(): string[] {
  const names = ['a', 'b'];
  const inside = (paths: readonly string[]): string[] =>
    paths.flatMap((path) => names.map((name) => `${path}/${name}`));
  const [one, two, three] = [inside(['']), inside(inside([''])), inside(inside(inside([''])))];
  return ['/', ...one, ...two, ...three];
}

async function answer(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => (isStoreError(error) ? error.code : Promise.reject(error as Error)));
}

function listing(store: Store, path: string): Promise<unknown> {
  const sorted = async (): Promise<Entry[]> =>
    (await Array.fromAsync(store.list(path))).sort((a, b) => (a.path < b.path ? -1 : 1));
  return answer(sorted());
}

/** Calls may fail with store errors and aborts only. */
function assertExpected(outcome: PromiseSettledResult<unknown>): void {
  if (outcome.status === 'fulfilled' || isStoreError(outcome.reason)) return;
  assert.equal((outcome.reason as Error).name, 'TimeoutError', String(outcome.reason));
}

test('the cache answers as the store does, whatever happened through it', { timeout: 120_000 }, async (context) => {
  context.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  for (let round = 0; round < rounds; round += 1) {
    try {
      await new Round(seed + round).play();
    } catch (error) {
      throw new Error(`replay with CLOUDFUSION_SEED=${seed + round}`, { cause: error });
    }
  }
});
