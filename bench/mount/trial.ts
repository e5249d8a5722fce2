import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Holdings } from './bucket.ts';
import type { Figure } from './figure.ts';
import type { FileWorkResult } from './file-work.ts';
import { difference, type LineFigures } from './line.ts';
import type { OpenSubject, Subject } from './subject.ts';
import { type Ran, runTimed } from './timed-program.ts';

const pollMilliseconds = 50;
const fileWork = new URL('file-work.ts', import.meta.url).pathname;

/** Tells a figure of work that was broken off how far it came. */
export type Progress = () => Promise<string> | string;

/**
 * One subject at one workload: a mount over an empty cache, and a directory of its own in it. Its methods measure; what was
 * begun and not ended is cleaned up by `end`.
 */
export class Trial {
  readonly arena: Arena;
  readonly subject: Subject;
  /** The name of the directory in which the workload writes, at the root of the store. */
  readonly work: string;
  #cache: string;
  #open: OpenSubject | undefined;

  constructor(arena: Arena, subject: Subject) {
    this.arena = arena;
    this.subject = subject;
    this.work = arena.fresh('work');
    this.#cache = join(arena.scratch, arena.fresh('cache'));
  }

  /** Where the store's root is mounted. */
  get root(): string {
    if (this.#open === undefined) throw new Error('nothing is mounted');
    return this.#open.directory;
  }

  /** Mounts. */
  async mount(): Promise<void> {
    const mountPoint = join(this.arena.scratch, this.arena.fresh('mount'));
    this.#open = await this.subject.open(this.arena, { mountPoint, cache: this.#cache });
  }

  /** Mounts over an empty cache, in place of the mount there was. */
  async remountCold(): Promise<void> {
    await this.#close();
    this.#cache = join(this.arena.scratch, this.arena.fresh('cache'));
    await this.mount();
  }

  /** Empties the kernel's caches, then brings the contents below the mount back, so that the mount is measured and not the disk. */
  async dropKernelCaches(): Promise<void> {
    await this.arena.mustRun('sync', ['-f', this.arena.scratch]);
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    const contents = this.#open?.contents?.(this.work);
    if (contents === undefined || !existsSync(contents)) return;
    for (const entry of readdirSync(contents, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name));
  }

  /** Measures a program. */
  async program(program: string, parameters: readonly string[], progress: Progress = () => ''): Promise<Figure> {
    return await this.#watched(async () => {
      const ran = await this.#run(program, parameters);
      return { seconds: ran.seconds, broken: await this.#broken(ran, progress) };
    });
  }

  /** Measures a line of bash; `$1` is where the store is mounted, `$2` the name of the working directory. */
  async shell(script: string, progress?: Progress): Promise<Figure> {
    return await this.program('bash', ['-c', script, 'bash', this.root, this.work], progress);
  }

  /** Measures work on files, by the clock of the process that does it. */
  async files(kind: string, path: string, count: number): Promise<Figure> {
    return await this.#watched(async () => {
      const { signal, options } = this.arena;
      const { cap } = options;
      const parameters = [fileWork, kind, join(this.root, path), String(count), String(cap / 1000)];
      const ran = await runTimed(process.execPath, parameters, { cap: cap + 5000, signal, keepsOutput: true });
      if (ran.failure !== undefined) return { seconds: ran.seconds, broken: ran.failure };
      if (ran.capped) return { seconds: ran.seconds, broken: this.#tooLong('') };
      const { seconds, done } = JSON.parse(ran.output) as FileWorkResult;
      return { seconds, broken: done < count ? this.#tooLong(`${done} of ${count}`) : undefined };
    });
  }

  /** Has everything sent, and waits until the bucket holds it; `figure` is what led to it. */
  async settled(figure: Figure, prefix: string, isThere: (holdings: Holdings) => boolean): Promise<Figure> {
    if (this.subject.below !== 's3' || figure.broken !== undefined) return figure;
    const { bucket, signal, options } = this.arena;
    const began = performance.now();
    const before = await bucket.line.figures();
    const spent = (): number => (performance.now() - began) / 1000;
    const more = async (result: Partial<Figure>): Promise<Figure> => ({
      ...figure,
      ...result,
      line: added(figure.line, difference(before, await bucket.line.figures())),
    });
    try {
      await this.#open?.sync?.(AbortSignal.any([signal, AbortSignal.timeout(options.cap)]));
    } catch (error) {
      signal.throwIfAborted();
      const { files } = await bucket.holdings(prefix);
      return await more({ broken: `${this.#tooLong(`${files} files at the server`)} (${(error as Error).message})` });
    }
    const told = spent();
    for (;;) {
      const holdings = await bucket.holdings(prefix);
      if (isThere(holdings)) return await more({ settled: figure.seconds + (this.#open?.sync ? told : spent()) });
      if (this.#open?.sync !== undefined)
        return await more({ broken: `said to be sent, but the server has ${holdings.files} files` });
      if (spent() * 1000 > options.cap)
        return await more({ broken: this.#tooLong(`${holdings.files} files at the server`) });
      await sleep(pollMilliseconds, undefined, { signal });
    }
  }

  /** How many files the working directory has at the server, or on the disk, for `Progress`. */
  readonly arrived = async (): Promise<string> => {
    if (this.subject.below === 'disk') return '';
    return `${(await this.arena.bucket.holdings(`${this.work}/`)).files} files at the server`;
  };

  /** What the working directory holds, seen through the mount. */
  async written(): Promise<Holdings> {
    const { signal, options } = this.arena;
    const parameters = [join(this.root, this.work), '-type', 'f', '-printf', '%s\\n'];
    const ran = await runTimed('find', parameters, { cap: options.cap, signal, keepsOutput: true });
    if (ran.failure !== undefined) throw new Error(ran.failure);
    const sizes = ran.output.split('\n').slice(0, -1).map(Number);
    return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  /** Unmounts, and removes what the trial made, here and at the server. */
  async end(): Promise<void> {
    await this.#close();
    rmSync(join(this.arena.plain, this.work), { recursive: true, force: true, maxRetries: 3 });
    if (this.subject.below === 's3') await this.arena.bucket.clear(`${this.work}/`, this.arena.signal);
  }

  async #close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
    rmSync(this.#cache, { recursive: true, force: true, maxRetries: 3 });
  }

  async #run(program: string, parameters: readonly string[]): Promise<Ran> {
    return await runTimed(program, parameters, { cap: this.arena.options.cap, signal: this.arena.signal });
  }

  async #watched(measure: () => Promise<Figure>): Promise<Figure> {
    if (this.subject.below === 'disk') return await measure();
    const { line } = this.arena.bucket;
    const before = await line.figures();
    const figure = await measure();
    return { ...figure, line: difference(before, await line.figures()) };
  }

  async #broken(ran: Ran, progress: Progress): Promise<string | undefined> {
    return ran.capped ? this.#tooLong(await progress()) : ran.failure;
  }

  #tooLong(progress: string): string {
    const limit = `> ${this.arena.options.cap / 1000} s`;
    return progress === '' ? limit : `${limit} (${progress})`;
  }
}

function added(a: LineFigures | undefined, b: LineFigures): LineFigures {
  if (a === undefined) return b;
  const methods = new Set([...Object.keys(a.requests), ...Object.keys(b.requests)]);
  return {
    up: a.up + b.up,
    down: a.down + b.down,
    connections: a.connections + b.connections,
    requests: Object.fromEntries(
      [...methods].map((method) => [method, (a.requests[method] ?? 0) + (b.requests[method] ?? 0)]),
    ),
  };
}
