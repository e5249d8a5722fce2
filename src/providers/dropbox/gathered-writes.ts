import { setTimeout as pause } from 'node:timers/promises';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../store/store.ts';
import { uploadBatch } from './batch-upload.ts';
import type { DropboxClient } from './dropbox-client.ts';
import type { DropboxMetadata } from './dropbox-metadata.ts';
import { uploadAlone } from './small-upload.ts';
import { type SmallWrite, WaitingWrite } from './waiting-write.ts';

/** Larger files go by themselves: a batch is held in memory. */
export const gatheredBytes: number = 64 << 10;
/** Dropbox takes 1,000 in a batch; this many are held in memory at the most. */
const batchFiles = 500;
/** A batch costs three requests, one after the other: fewer files are faster by themselves. */
const fewestTogether = 4;
/** A batch waits while others come within this time of each other ... */
const gatheringPause = 10;
/** ... up to this, in milliseconds. */
const longestGathering = 200;

/**
 * Small files whose `write` is under way together. One that comes alone goes at once, in one request. What comes while something is
 * under way is gathered, and goes in batches, one after the other, because Dropbox takes one change at a time in a space.
 */
export class GatheredWrites {
  readonly #client: DropboxClient;
  readonly #waiting = new Set<WaitingWrite>();
  #alone = 0;
  #isSending = false;

  constructor(client: DropboxClient) {
    this.#client = client;
  }

  /** Writes a file of `gatheredBytes` at the most. Throws as `Store.write` does. */
  async write(write: SmallWrite, options: CallOptions): Promise<DropboxMetadata> {
    if (this.#alone === 0 && !this.#isSending) return await this.#writeAlone(write, options);
    const waiting: WaitingWrite = new WaitingWrite(write, options, () => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
    if (!this.#isSending) void this.#send();
    return await waiting.answer;
  }

  async #writeAlone(write: SmallWrite, options: CallOptions): Promise<DropboxMetadata> {
    this.#alone++;
    try {
      return await uploadAlone(this.#client, write, options);
    } finally {
      this.#alone--;
    }
  }

  /** Sends until nobody waits. It never rejects: each failure is an answer to somebody. */
  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.size > 0) {
      await this.#gather();
      const batch = this.#take();
      if (batch.length < fewestTogether) await this.#sendEach(batch);
      else await this.#sendEach(await uploadBatch(this.#client, batch));
    }
    this.#isSending = false;
  }

  /** Waits for those who come at the same time. */
  async #gather(): Promise<void> {
    for (let waited = 0; waited < longestGathering; waited += gatheringPause) {
      const before = this.#waiting.size;
      await pause(gatheringPause);
      if (this.#waiting.size <= before || this.#waiting.size >= batchFiles) return;
    }
  }

  /** A path once in a batch: what is written twice is written in turn. */
  #take(): WaitingWrite[] {
    const batch = new Map<string, WaitingWrite>();
    for (const waiting of this.#waiting) {
      const path = waiting.write.commit.path.toLowerCase();
      if (batch.size >= batchFiles) break;
      if (batch.has(path)) continue;
      batch.set(path, waiting);
      this.#waiting.delete(waiting);
    }
    return [...batch.values()];
  }

  async #sendEach(batch: readonly WaitingWrite[]): Promise<void> {
    await forEachConcurrently(batch, fewestTogether, async (waiting) => {
      if (waiting.isSettled) return;
      try {
        waiting.resolve(await this.#writeAlone(waiting.write, waiting.options));
      } catch (error) {
        waiting.reject(error);
      }
    });
  }
}
