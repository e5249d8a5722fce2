import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeTree, OpenFile } from '../../src/cache/node-tree.ts';
import { type WriteBackCache, withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { type FaultyStore, withFaults } from '../../src/layers/faults.ts';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { MemoryStore, type MemoryStoreOptions } from '../../src/providers/memory/memory-store.ts';
import { isStoreError } from '../../src/store/errors.ts';
import { type Call, intercept } from '../../src/store/intercept.ts';
import { bytesSource } from '../../src/store/source.ts';
import type { Metadata, Store } from '../../src/store/store.ts';
import { openThreadedStore } from '../fakes/open-threaded-store.ts';
import { Oracle, type OracleNode } from './oracle.ts';

/** Names are few, so that they meet. */
export const names: readonly string[] = ['a', 'b', 'c', 'd', 'e'];

/** An open file and the node it should show. */
export interface Opened {
  readonly node: OracleNode;
  readonly file: OpenFile;
}

function describeCall(call: Call): string {
  const metadata =
    call.operation === 'setMetadata' ? call.metadata : 'metadata' in call.options ? call.options.metadata : undefined;
  const revision = 'ifRevision' in call.options ? call.options.ifRevision : undefined;
  const parts = [
    call.operation,
    call.path,
    'to' in call ? call.to : undefined,
    metadata && JSON.stringify(metadata),
    revision,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** A random walk's dice. */
export class Dice {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  oneOf<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = 1 + this.below(255);
    return bytes;
  }

  /** Metadata of a file, sometimes none. */
  metadata(): Metadata {
    const mode = this.below(2) === 0 ? {} : { mode: this.oneOf(['100755', '100600']) };
    return this.below(2) === 0 ? mode : { ...mode, x: this.oneOf(['1', 'ö']) };
  }

  /** Mostly small, sometimes of several blocks. */
  size(): number {
    return this.below(12) === 0 ? this.below(200_000) : this.below(300);
  }
}

/**
 * A store, a cache over it whose network is bad, and the oracle. Settings are drawn too: how soon things are sent, how long
 * listings are believed, how much is kept, what the service can.
 */
export class World {
  readonly dice: Dice;
  readonly oracle: Oracle = new Oracle();
  store!: Store;
  readonly opened: Opened[] = [];
  /** What others wrote, by path. */
  readonly theirs: Map<string, Uint8Array> = new Map();
  cache!: WriteBackCache;
  readonly #settings: {
    uploadDelay: number;
    metadataTime: number;
    maxBytes: number;
    uploads: number;
    inlineBytes: number;
  };
  readonly #rates: { failureRate: number; lostAnswerRate: number; shortReadRate: number; delay: number };
  readonly #memory: MemoryStoreOptions;
  readonly #isInThread: boolean;
  readonly #trail: string[];
  #closeStore: () => Promise<void> = async () => undefined;
  #directory: string = mkdtempSync(join(tmpdir(), 'cloudfusion-model-'));
  #network!: FaultyStore;

  /** With `inThread` the store has a thread of its own; `trail` gets a line when a call of the cache begins, and one when it ends. */
  constructor(seed: number, { inThread, trail }: { readonly inThread: boolean; readonly trail: string[] }) {
    this.#isInThread = inThread;
    this.#trail = trail;
    const dice = new Dice(seed);
    this.dice = dice;
    this.#memory = {
      preconditions: dice.below(5) === 0 ? 'none' : 'atomic',
      rangedReads: dice.below(5) > 0,
      modifiedPrecision: dice.oneOf([1, 1, 1000]),
      metadataListed: dice.below(2) === 0,
    };
    this.#settings = {
      uploadDelay: dice.oneOf([0, 5, 50, 3_600_000]),
      metadataTime: dice.oneOf([1, 30, 120_000]),
      maxBytes: dice.oneOf([1_000, 5e9]),
      inlineBytes: dice.oneOf([0, 100, 32 << 10]),
      uploads: dice.oneOf([1, 16]),
    };
    const bad = dice.oneOf([0, 0, 0.05, 0.3, 0.6]);
    this.#rates = {
      failureRate: dice.random() * bad,
      lostAnswerRate: dice.random() * bad,
      shortReadRate: dice.random() * bad,
      delay: dice.oneOf([0, 0, 4, 20]),
    };
  }

  get tree(): NodeTree {
    return this.cache.tree;
  }

  /** Whether a call may fail without anybody's fault. */
  get isFaulty(): boolean {
    const { failureRate, lostAnswerRate, shortReadRate } = this.#rates;
    return failureRate + lostAnswerRate + shortReadRate > 0;
  }

  /** Puts a few things into the store, which the cache has yet to learn of, and opens the cache. */
  async begin(): Promise<void> {
    this.store = this.#isInThread ? await this.#openInThread() : new MemoryStore(this.#memory);
    const { dice, oracle, store } = this;
    for (let i = dice.below(12); i > 0; i--) {
      const directories = [...oracle.root.all()].filter(({ kind }) => kind === 'directory');
      const node = oracle.add(dice.oneOf(directories), dice.oneOf(names), dice.oneOf(['file', 'directory']));
      if (node?.kind === 'directory') await store.makeDirectory(node.path);
      if (node?.kind !== 'file') continue;
      node.bytes = dice.bytes(dice.size());
      node.metadata = dice.metadata();
      await store.write(node.path, bytesSource(node.bytes), { metadata: node.metadata });
    }
    this.open();
  }

  /** What it holds is lost with its thread, so a cache that closes it does not end that. */
  async #openInThread(): Promise<Store> {
    const store = await openThreadedStore({ kind: 'memory', options: this.#memory });
    this.#closeStore = store.close.bind(store);
    return Object.assign(store, { close: async () => undefined });
  }

  open(): void {
    this.#network = withFaults(this.store, { seed: this.dice.below(2 ** 31), retryAfter: 1, ...this.#rates });
    const watched = intercept(this.#network, 'watched', (call, proceed) => this.#note(call, proceed));
    this.cache = withWriteBackCache(watched, { directory: this.#directory, host: 'here', ...this.#settings });
  }

  async #note(call: Call, proceed: () => Promise<void>): Promise<void> {
    const text = describeCall(call);
    this.#trail.push(`  > ${text}`);
    try {
      await proceed();
      this.#trail.push(`  < ${text}`);
    } catch (error) {
      this.#trail.push(`  < ${text}: ${isStoreError(error) ? error.code : String(error)}`);
      throw error;
    }
  }

  /** Ends the bad network for good. */
  heal(): void {
    this.#rates.failureRate = this.#rates.lostAnswerRate = this.#rates.shortReadRate = 0;
    this.#network.faults.heal();
  }

  /** An orderly end and a new beginning. */
  async restart(): Promise<void> {
    this.releaseAll();
    await this.cache.close();
    this.open();
  }

  /** The process is killed: what is on disk at this moment is all that the next one has, and what was being sent goes unanswered. */
  async crash(): Promise<void> {
    const before = this.#directory;
    this.#directory = mkdtempSync(join(tmpdir(), 'cloudfusion-model-'));
    cpSync(before, this.#directory, { recursive: true });
    this.#network.faults.offline = true;
    this.releaseAll();
    await this.cache.close();
    rmSync(before, { recursive: true, force: true });
    this.open();
  }

  releaseAll(): void {
    for (const { file } of this.opened.splice(0)) file.release();
  }

  async end(): Promise<void> {
    this.heal();
    this.releaseAll();
    await this.cache.close();
    await this.#closeStore();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
