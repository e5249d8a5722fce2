import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { NodeTree, OpenFile, TreeNode } from '../../src/cache/node-tree.ts';
import {
  type WriteBackCache,
  type WriteBackCacheOptions,
  withWriteBackCache,
} from '../../src/cache/write-back-cache.ts';
import { type Faults, withFaults } from '../../src/layers/faults.ts';
import { MemoryStore } from '../../src/providers/memory/memory-store.ts';
import { type Call, intercept } from '../../src/store/intercept.ts';
import { readText } from '../../src/store/operations.ts';
import { nameOf, parentOf, segmentsOf } from '../../src/store/path.ts';
import type { Store } from '../../src/store/store.ts';

/** A call that the cache made, and how it stands. */
export interface SeenCall {
  readonly call: Call;
  readonly began: number;
  outcome: 'running' | 'done' | 'failed';
}

export interface CacheTrialOptions extends Partial<WriteBackCacheOptions> {
  /** What the cache is over. @default a new `MemoryStore` */
  readonly store?: Store | undefined;
}

/** An hour: nothing is sent but by `drain`. */
export const never = 3_600_000;

const nobody = { mode: 0o644, uid: 1000, gid: 1000 };

/**
 * A write-back cache in a folder of its own, over a store that can be broken and whose calls are seen. All of it goes with the test.
 */
export class CacheTrial {
  readonly store: Store;
  readonly directory: string;
  /** The network between cache and store. */
  readonly faults: Faults;
  /** Every call that the cache made, in order; `seen.length = 0` forgets them. */
  readonly seen: SeenCall[] = [];
  /** The largest number of changes that ran at the same time. */
  mostAtOnce = 0;
  cache: WriteBackCache;
  readonly #options: CacheTrialOptions;
  readonly #watched: Store;

  constructor(t: TestContext, options: CacheTrialOptions = {}) {
    this.#options = options;
    this.store = options.store ?? new MemoryStore();
    this.directory = options.directory ?? mkdtempSync(join(tmpdir(), 'cloudfusion-cache-'));
    const faulty = withFaults(this.store, { seed: 1 });
    this.faults = faulty.faults;
    this.#watched = intercept(faulty, 'seen', (call, proceed) => this.#see(call, proceed));
    this.cache = this.#open(options);
    t.after(async () => {
      this.faults.heal();
      await this.cache.close();
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  get tree(): NodeTree {
    return this.cache.tree;
  }

  /** Closes the cache and opens it again. */
  async reopen(options: CacheTrialOptions = {}): Promise<void> {
    await this.cache.close();
    this.cache = this.#open({ ...this.#options, ...options });
  }

  #open(options: CacheTrialOptions): WriteBackCache {
    return withWriteBackCache(this.#watched, {
      uploadDelay: never,
      host: 'here',
      ...options,
      directory: this.directory,
    });
  }

  async #see(call: Call, proceed: () => Promise<void>): Promise<void> {
    const seen: SeenCall = { call, began: Date.now(), outcome: 'running' };
    this.seen.push(seen);
    if (isChange(call)) this.mostAtOnce = Math.max(this.mostAtOnce, this.running().length);
    try {
      await proceed();
      seen.outcome = 'done';
    } catch (error) {
      seen.outcome = 'failed';
      throw error;
    }
  }

  /** The cache directory as a killed process leaves it behind, in a folder of its own. */
  copyOfDirectory(): string {
    const copy = mkdtempSync(join(tmpdir(), 'cloudfusion-cache-'));
    cpSync(this.directory, copy, { recursive: true });
    return copy;
  }

  /** The changes that run now. */
  running(): SeenCall[] {
    return this.seen.filter(({ call, outcome }) => outcome === 'running' && isChange(call));
  }

  /** The changes that the cache sent, in the order in which they began: `"write /a"`, `"move /a /b"`. */
  sent(): string[] {
    return this.seen.filter(({ call }) => isChange(call)).map(({ call }) => describeCall(call));
  }

  /** The calls of one kind. */
  calls<O extends Call['operation']>(operation: O): Extract<Call, { operation: O }>[] {
    return this.seen.map(({ call }) => call).filter((call) => call.operation === operation) as never;
  }

  /** The node at a path of the tree, or undefined. */
  async find(path: string): Promise<TreeNode | undefined> {
    let node: TreeNode | undefined = this.tree.get(this.tree.root);
    for (const name of segmentsOf(path)) {
      if (node === undefined) return undefined;
      node = await this.tree.lookup(node.id, name);
    }
    return node;
  }

  /** The number of the node at a path; throws where there is none. */
  async id(path: string): Promise<number> {
    const node = await this.find(path);
    if (node === undefined) throw new TypeError(`nothing at ${path}`);
    return node.id;
  }

  /** Saves a file as a program does: open and cut, or create; write, flush, release. */
  async save(path: string, content: string | Uint8Array): Promise<number> {
    const directory = await this.id(parentOf(path));
    const standing = await this.tree.lookup(directory, nameOf(path));
    const node = standing ?? (await this.tree.createFile(directory, nameOf(path), nobody));
    const file = await this.tree.open(node.id, { write: true, truncate: true });
    await file.write(0, Buffer.from(content));
    await file.flush();
    file.release();
    return node.id;
  }

  async makeDirectory(path: string): Promise<number> {
    return (await this.tree.makeDirectory(await this.id(parentOf(path)), nameOf(path), { ...nobody, mode: 0o755 })).id;
  }

  async rename(from: string, to: string): Promise<void> {
    const target = await this.id(parentOf(to));
    await this.tree.rename(await this.id(parentOf(from)), nameOf(from), target, nameOf(to), {});
  }

  async remove(path: string, kind: 'file' | 'directory' = 'file'): Promise<void> {
    await this.tree.remove(await this.id(parentOf(path)), nameOf(path), kind);
  }

  async open(path: string, write = false): Promise<OpenFile> {
    return this.tree.open(await this.id(path), { write });
  }

  /** A file's text as a program reads it. */
  async text(path: string): Promise<string> {
    const file = await this.open(path);
    try {
      return Buffer.from(await readFrom(file, 0, file.node.size)).toString();
    } finally {
      file.release();
    }
  }
}

/** The bytes of a range of an open file. */
export async function readFrom(
  file: OpenFile,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  const answer = await file.read(offset, into, { signal });
  return typeof answer === 'number' ? into.subarray(0, answer) : answer;
}

/** Fails unless both are the same bytes, and says only where they differ: large ones are not printed. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = expected.findIndex((byte, i) => actual[i] !== byte);
  assert.fail(`${actual.length} bytes instead of ${expected.length}, the first difference is at ${at}`);
}

/** All files of a store with their text, and directories with null; by path, in order. */
export async function contentsOf(store: Store): Promise<Record<string, string | null>> {
  const found: [string, string | null][] = [];
  for await (const entry of store.list('/', { recursive: true })) {
    found.push([entry.path, entry.kind === 'file' ? await readText(store, entry.path) : null]);
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How long `until` waits before it gives up what hangs. */
const patience = 25_000;

/** Waits until `condition` holds, looking again every few milliseconds. Throws when that does not come at all. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited in vain: ${condition.toString()}`);
}

function isChange({ operation }: Call): boolean {
  return (
    operation !== 'stat' &&
    operation !== 'list' &&
    operation !== 'read' &&
    operation !== 'usage' &&
    operation !== 'changes' &&
    operation !== 'close'
  );
}

function describeCall(call: Call): string {
  return [call.operation, call.path, 'to' in call ? call.to : undefined].filter((part) => part !== undefined).join(' ');
}
