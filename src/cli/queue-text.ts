import { bytesText, durationText, plural } from '../config/amounts.ts';
import { oneLine } from '../config/one-line.ts';
import type { QueuedChange, QueueReport } from './daemon/queue-report.ts';

/** What a mount has still to send, for people: one line a change, then the totals. */
export function queueText({ changes, totals, ...report }: QueueReport, now: number): string {
  const lines = changes.map((change) => changeLine(change, now));
  if (report.paused !== null) lines.push(pauseText(report.paused.until, now));
  if (report.fullUntil !== null)
    lines.push(`The account is full: contents are tried again in ${durationText(report.fullUntil - now)}.`);
  if (!report.online) lines.push('The service cannot be reached: everything is sent later.');
  lines.push(totals.changes === 0 ? 'Everything is uploaded.' : totalsText(totals));
  return lines.join('\n');
}

/** That uploads are paused, as a sentence; `until` in milliseconds since the epoch, null without an end. */
export function pauseText(until: number | null, now: number): string {
  const end = until === null ? 'until "cloudfusion resume"' : `for ${durationText(until - now)}`;
  return `Uploads are PAUSED ${end}.`;
}

function totalsText({ changes, bytes, running, failed, held, rate, secondsLeft }: QueueReport['totals']): string {
  const parts = [
    `${plural(changes, 'change')} to send (${bytesText(bytes)})`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(held > 0 ? [`${held} held`] : []),
    ...(secondsLeft === null ? [] : [`about ${durationText(secondsLeft * 1000)} at ${bytesText(rate)}/s`]),
  ];
  return parts.join(', ');
}

function changeLine(change: QueuedChange, now: number): string {
  return `${change.change} ${oneLine(change.path)} (${bytesText(change.size)}): ${stateText(change, now)}`;
}

function stateText({ state, sent, rate, dueAt, attempts, error }: QueuedChange, now: number): string {
  const due = (dueAt ?? 0) <= now ? 'due' : `in ${durationText((dueAt ?? 0) - now)}`;
  if (state === 'running') return sent === 0 ? 'being sent' : `${bytesText(sent)} sent, ${bytesText(rate)}/s`;
  if (state === 'held') return 'held until "cloudfusion retry"';
  if (state === 'waiting') return due;
  return `failed ${plural(attempts, 'time')} (${error?.message}), next try ${due}`;
}
