import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../src/cache/cache-report.ts';
import { type WriteBackCache, withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import type { Store } from '../../src/store/store.ts';
import { Line } from './line.ts';
import type { Settings, Side } from './step.ts';

/** What a machine is made of. */
export interface MachineOptions {
  readonly side: Side;
  readonly store: Store;
  readonly settings: Settings;
  readonly note: (text: string) => void;
}

/** One computer: a cache in a folder of its own, its line to the store, its disk as a power cut would leave it, and one user. */
export class Machine {
  readonly side: Side;
  cache!: WriteBackCache;
  line!: Line;
  /** What the user is doing; undefined while he is idle. */
  action: Promise<void> | undefined;
  /** Grows when the process ends: what it still does counts for nothing. */
  process = 0;
  /** Numbers of versions that were written since the disk was last synced. */
  readonly unsynced: Set<number> = new Set();
  readonly #options: MachineOptions;
  readonly #problems: Problem[] = [];
  #directory: string = folder();
  #durable: string = folder();

  constructor(options: MachineOptions) {
    this.side = options.side;
    this.#options = options;
    this.#open();
    this.synced();
  }

  /** Everything that was reported, also before the last restart. */
  problems(): Problem[] {
    return [...this.#problems, ...this.cache.problems()];
  }

  /** The disk has everything: so a power cut would leave it. */
  synced(): void {
    rmSync(this.#durable, { recursive: true });
    this.#durable = copyOf(this.#directory);
    this.unsynced.clear();
  }

  /** An orderly end and a new beginning. */
  async restart(): Promise<void> {
    this.process++;
    await this.#end(false);
    this.#open();
  }

  /** The process is killed; the next one has the disk as it is at this moment. */
  async kill(landing: boolean): Promise<void> {
    this.process++;
    const before = this.#directory;
    this.#directory = copyOf(before);
    await this.#end(landing);
    rmSync(before, { recursive: true });
    this.#open();
  }

  /** The machine goes down; only what was synced is on its disk. */
  async powerCut(landing: boolean): Promise<void> {
    this.process++;
    const before = this.#directory;
    this.#directory = copyOf(this.#durable);
    writeFileSync(join(this.#directory, 'boot'), 'another boot');
    await this.#end(landing);
    rmSync(before, { recursive: true });
    this.#open();
    this.synced();
  }

  async end(): Promise<void> {
    this.process++;
    await this.#end(false);
    rmSync(this.#directory, { recursive: true });
    rmSync(this.#durable, { recursive: true });
  }

  async #end(landing: boolean): Promise<void> {
    this.#problems.push(...this.cache.problems());
    this.action?.catch(() => undefined);
    this.action = undefined;
    await this.line.cut(landing);
    await this.cache.close();
  }

  #open(): void {
    const { store, settings, side, note } = this.#options;
    this.line = new Line(store, (text) => note(`${side}${text}`));
    const { uploadDelay, metadataTime } = settings;
    const directory = this.#directory;
    this.cache = withWriteBackCache(this.line, { directory, host: side, uploadDelay, metadataTime });
  }
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'cloudfusion-simulation-'));
}

function copyOf(directory: string): string {
  const copy = folder();
  cpSync(directory, copy, { recursive: true });
  return copy;
}
