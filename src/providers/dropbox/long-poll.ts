import { setTimeout as pause } from 'node:timers/promises';
import { isStoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { faultOf } from './dropbox-fault.ts';

/** Seconds that Dropbox can be asked to wait; it waits up to 90 more, so that not all clients come at once. */
const [shortest, longest, lateness] = [30, 480, 90];
/** Milliseconds until the latest answer of all. */
export const longestPoll: number = (longest + lateness + 30) * 1000;
/** Milliseconds. */
const timeAfterFailure = 60_000;

/**
 * Waits until something changes after a cursor
 * (https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder-longpoll). When Dropbox wants a pause before the next
 * time, that is kept. Its host is not the one that answers: where it fails, a firewall perhaps knows only the others, so that this says nothing of
 * the service.
 */
export class LongPoll {
  readonly #client: DropboxClient;
  #notBefore = 0;

  constructor(client: DropboxClient) {
    this.#client = client;
  }

  /**
   * Resolves after about `wait` milliseconds at the most: `nothing` where Dropbox has said that nothing changed, `perhaps` where it has to be asked.
   * After a failure that is so for a minute. Throws `signal.reason`.
   */
  async change(cursor: string, wait: number, { signal }: CallOptions): Promise<'nothing' | 'perhaps'> {
    const forbidden = this.#notBefore - Date.now();
    if (forbidden > 0) {
      await pause(Math.min(wait, forbidden), undefined, signal === undefined ? {} : { signal });
      return 'perhaps';
    }
    return await this.#poll(cursor, wait, signal);
  }

  async #poll(cursor: string, wait: number, signal: AbortSignal | undefined): Promise<'nothing' | 'perhaps'> {
    const over = AbortSignal.timeout(wait);
    const timeout = Math.min(longest, Math.max(shortest, Math.floor(wait / 1000) - lateness));
    try {
      const both = signal === undefined ? over : AbortSignal.any([signal, over]);
      const answer = await this.#client.wait('files/list_folder/longpoll', { cursor, timeout }, { signal: both });
      const { changes, backoff } = answer;
      if (typeof backoff === 'number') this.#notBefore = Date.now() + backoff * 1000;
      return changes === false ? 'nothing' : 'perhaps';
    } catch (error) {
      signal?.throwIfAborted();
      if (!over.aborted && !isStoreError(error)) throw error;
      // What is the matter with the cursor, or with the service, is told to who asks.
      const isAnswer = over.aborted || faultOf(error)?.has('reset') === true;
      if (!isAnswer) this.#notBefore = Date.now() + timeAfterFailure;
      return 'perhaps';
    }
  }
}
