import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { s3Oracle } from '../../test/servers/s3-oracle.ts';
import type { Arena } from './arena.ts';
import type { Figure } from './figure.ts';
import { rcloneEnvironment } from './rclone-environment.ts';
import { runTimed } from './timed-program.ts';

/** As many connections as the yardstick of the goals has. */
const atOnce = '32';

/** The direct way over the same line, without a mount: rclone with 32 connections, and AWS's SDK for the pages of a listing. */
export class DirectTool {
  readonly arena: Arena;
  /** A place of its own in the bucket. */
  readonly work: string;
  readonly #copies: string;

  constructor(arena: Arena) {
    this.arena = arena;
    this.work = arena.fresh('direct');
    this.#copies = join(arena.scratch, this.work);
  }

  /** Sends a file or a directory of the plain disk. */
  async send(from: string): Promise<Figure> {
    const to = `far:${this.arena.bucket.name}/${this.work}`;
    return await this.#rclone(
      'copy',
      join(this.arena.plain, from),
      to,
      '--no-check-dest',
      '--s3-upload-concurrency',
      atOnce,
    );
  }

  /** Fetches a file or a directory to the plain disk. */
  async fetch(from: string): Promise<Figure> {
    const streams = ['--multi-thread-streams', atOnce, '--multi-thread-cutoff', '16M'];
    return await this.#rclone('copy', `far:${this.arena.bucket.name}/${from}`, this.#copies, ...streams);
  }

  /** Removes everything in its place. */
  async remove(): Promise<Figure> {
    return await this.#rclone('purge', `far:${this.arena.bucket.name}/${this.work}`);
  }

  /** Asks for the pages of a directory, one after the other, over a connection that is there. */
  async list(directory: string): Promise<Figure> {
    const client = s3Oracle(this.arena.bucket.access('line'));
    try {
      const input = { Bucket: this.arena.bucket.name, Prefix: `${directory}/`, Delimiter: '/' };
      await client.send(new ListObjectsV2Command({ ...input, MaxKeys: 1 }));
      const began = performance.now();
      for await (const _ of paginateListObjectsV2({ client }, input)) this.arena.signal.throwIfAborted();
      return { seconds: (performance.now() - began) / 1000 };
    } finally {
      client.destroy();
    }
  }

  /** Removes what it made. */
  async end(): Promise<void> {
    rmSync(this.#copies, { recursive: true, force: true });
    await this.arena.bucket.clear(`${this.work}/`, this.arena.signal);
  }

  async #rclone(...parameters: readonly string[]): Promise<Figure> {
    const { bucket, signal, options } = this.arena;
    const environment = rcloneEnvironment(this.arena.scratch, bucket.access('line'));
    const concurrency = ['--transfers', atOnce, '--checkers', atOnce];
    const ran = await runTimed('rclone', [...parameters, ...concurrency], {
      cap: 5 * options.cap,
      signal,
      environment,
    });
    const broken = ran.capped ? `> ${(5 * options.cap) / 1000} s` : ran.failure;
    return { seconds: ran.seconds, settled: ran.seconds, ...(broken !== undefined && { broken }) };
  }
}
