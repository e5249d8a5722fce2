import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { isEtag } from './revision.ts';

const second = 1000;

/**
 * Waits until the server's clock has left the second of the file's last change: without ETags a revision is made of time and size,
 * and a second content of that second may be as long as the first.
 */
export async function leaveSecondOf(
  server: DavServer,
  found: Entry | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (found?.kind !== 'file' || found.revision === undefined || isEtag(found.revision)) return;
  const rest = found.modified + second - server.now();
  // A file of the future is not waited for.
  if (rest <= 0 || rest > 2 * second) return;
  try {
    await sleep(rest, undefined, { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
