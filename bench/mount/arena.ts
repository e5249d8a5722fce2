import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions } from './bench-options.ts';
import { Bucket } from './bucket.ts';
import { rcloneEnvironment } from './rclone-environment.ts';
import { ServedMount } from './served-mount.ts';
import { runTimed } from './timed-program.ts';

/** Where everything happens: a folder, and the server where there is one. Whoever makes it disposes. */
export class Arena implements AsyncDisposable {
  readonly options: BenchOptions;
  readonly signal: AbortSignal;
  readonly scratch: string;
  /** The plain disk, and the directory below the mounts over the disk; `seed` in it is what is read. */
  readonly plain: string;
  readonly #bucket: Bucket | undefined;
  readonly #seeded = new Set<string>();
  #numbered = 0;

  private constructor(options: BenchOptions, signal: AbortSignal, scratch: string, bucket: Bucket | undefined) {
    this.options = options;
    this.signal = signal;
    this.scratch = scratch;
    this.plain = join(scratch, 'plain');
    this.#bucket = bucket;
    mkdirSync(join(this.plain, 'seed'), { recursive: true });
    writeFileSync(join(scratch, 'rclone.conf'), '');
  }

  /** Makes the folder, in `BENCH_DIRECTORY` or where temporary files are, and starts the server if it is needed. */
  static async make(options: BenchOptions, signal: AbortSignal, needsBucket: boolean): Promise<Arena> {
    const bucket = needsBucket ? await Bucket.start() : undefined;
    const scratch = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'cloudfusion-bench-'));
    return new Arena(options, signal, scratch, bucket);
  }

  /** Throws when nothing was to be measured over S3. */
  get bucket(): Bucket {
    if (this.#bucket === undefined) throw new Error('there is no bucket in this run');
    return this.#bucket;
  }

  /** A name that was not used before. */
  fresh(name: string): string {
    return `${name}-${++this.#numbered}`;
  }

  /** The file for the output of a program. */
  log(name: string): string {
    return join(this.scratch, `${name}.log`);
  }

  /** Makes a part of `seed` once, by a shell script that runs in it, and puts it into the bucket where there is one. */
  async seed(name: string, script: string, isReadOverS3 = true): Promise<void> {
    if (this.#seeded.has(name)) return;
    await this.mustRun('bash', ['-euo', 'pipefail', '-c', `cd "$1"; ${script}`, 'seed', join(this.plain, 'seed')]);
    if (isReadOverS3 && this.#bucket !== undefined)
      await this.#bucket.fill(join(this.plain, 'seed', name), `seed/${name}`, this.signal);
    this.#seeded.add(name);
  }

  /** Puts a part of the plain disk into the bucket, not over the line. */
  async put(from: string, to: string): Promise<void> {
    await this.#rclone('copyto', join(this.plain, from), `far:${this.bucket.name}/${to}`);
  }

  /** Copies within the bucket, not over the line. */
  async putCopy(from: string, to: string): Promise<void> {
    await this.#rclone('copyto', `far:${this.bucket.name}/${from}`, `far:${this.bucket.name}/${to}`);
  }

  /** Runs a program that is not measured; throws when it fails. */
  async mustRun(program: string, parameters: readonly string[], environment?: NodeJS.ProcessEnv): Promise<void> {
    const { failure, capped } = await runTimed(program, parameters, { cap: 600_000, signal: this.signal, environment });
    if (failure !== undefined || capped) throw new Error(failure ?? `${program} does not end`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ServedMount.closeAll();
    rmSync(this.scratch, { recursive: true, force: true, maxRetries: 3 });
    await this.#bucket?.stop();
  }

  async #rclone(command: string, from: string, to: string): Promise<void> {
    const environment = rcloneEnvironment(this.scratch, this.bucket.access('direct'));
    await this.mustRun('rclone', [command, from, to, '--transfers', '32', '--no-traverse'], environment);
  }
}
