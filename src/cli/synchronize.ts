import { oneLine } from '../config/one-line.ts';
import type { PendingChange } from '../cache/cache-report.ts';
import { plural } from '../config/amounts.ts';
import { CommandError } from './command-error.ts';
import type { ControlClient } from './control-client.ts';
import type { SyncMessage } from './daemon/control-protocol.ts';
import { progressText } from './progress-text.ts';
import { LiveLine } from './terminal.ts';

const shownFailures = 10;

/**
 * Has a mount send everything, with progress on the terminal, and waits. Throws `CommandError` when something could not be sent,
 * with what and why, and when `timeout` milliseconds were not enough; then the mount goes on by itself.
 */
export async function synchronize(control: ControlClient, timeout?: number): Promise<void> {
  const line = new LiveLine();
  const start = performance.now();
  const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  let last: SyncMessage | undefined;
  try {
    for await (const message of control.sync(signal)) {
      last = message;
      if (message.kind === 'progress') line.show(progressText(message, performance.now() - start));
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    const left = last?.kind === 'progress' ? `: ${plural(last.changesLeft, 'change')} left` : '';
    throw new CommandError('failed', `not everything was uploaded in time${left}; the mount goes on with it`);
  } finally {
    line.end();
  }
  if (last?.kind === 'failed') throw new CommandError('failed', failedText(last.message, last.changes));
  if (last?.kind !== 'done')
    throw new CommandError('failed', 'the mount ended while it was uploading; the rest is in its cache');
}

function failedText(message: string, changes: readonly PendingChange[]): string {
  const lines = changes.slice(0, shownFailures).map(({ path, change, error }) => {
    const times = error === undefined ? '' : `: ${error.code}: ${error.message}`;
    return `  ${change} ${oneLine(path)}${times}`;
  });
  if (changes.length > shownFailures) lines.push(`  and ${changes.length - shownFailures} more`);
  return [message, ...lines].join('\n');
}
