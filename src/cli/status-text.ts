import type { PendingChange } from '../cache/cache-report.ts';
import { bytesText, durationText, plural } from '../config/amounts.ts';
import { oneLine } from '../config/one-line.ts';
import type { RequestFigures } from '../http/traffic.ts';
import { pauseText } from './queue-text.ts';
import { passthroughText } from '../vfs/passthrough.ts';
import type { StatusReport, StoreReport } from './daemon/control-protocol.ts';

const shownChanges = 20;

/** What a mount does, for people. */
export function statusText(report: StatusReport, now: number): string {
  const { mountPoint, pid, store, refused } = report;
  const lines = [
    `${mountPoint}: ${store?.name ?? 'not configured'}, mounted ${durationText(now - report.since)} ago by process ${pid}`,
    ...(refused === undefined ? [] : [`The last configuration was refused: ${refused}`]),
    ...(store === undefined ? [] : storeLines(store, now)),
  ];
  return lines.join('\n');
}

/** What a mount does, in one line that is read at a glance. */
export function glanceText({ statistics }: Pick<StoreReport, 'statistics'>): string {
  const { dirtyFiles, dirtyBytes, uploadedBytes, downloadedBytes, online, paused } = statistics;
  const waiting =
    dirtyFiles === 0 ? 'everything is uploaded' : `${plural(dirtyFiles, 'file')} to upload (${bytesText(dirtyBytes)})`;
  const parts = [waiting, `${megabytes(uploadedBytes)} MB up`, `${megabytes(downloadedBytes)} MB down`];
  if (paused !== undefined) parts.push('PAUSED');
  return (online ? parts : [...parts, 'offline']).join('   ');
}

function storeLines(report: StoreReport, now: number): string[] {
  const { cacheDirectory, passthrough, statistics, pending, problems, requests } = report;
  const { pendingChanges, dirtyBytes, uploading, cachedBytes, maxBytes } = statistics;
  const lines = [
    ...(statistics.paused === undefined ? [] : [pauseText(statistics.paused.until ?? null, now)]),
    ...(statistics.fullUntil === undefined
      ? []
      : [`the account is full: contents are tried again in ${durationText(statistics.fullUntil - now)}`]),
    statistics.online ? 'online' : 'offline: the service cannot be reached; changes are kept and sent later',
    `up ${bytesText(statistics.uploadedBytes)} (${bytesText(statistics.uploadRate)}/s), down ${bytesText(statistics.downloadedBytes)} (${bytesText(statistics.downloadRate)}/s)`,
    `cached ${bytesText(cachedBytes)} of ${bytesText(maxBytes)} in ${cacheDirectory}; ${statistics.hits} hits, ${statistics.misses} misses`,
    pendingChanges === 0
      ? 'everything is uploaded'
      : `${plural(pendingChanges, 'change')} to send (${bytesText(dirtyBytes)}), ${uploading} being sent:`,
  ];
  lines.splice(
    lines.findIndex((line) => line.startsWith('cached ')) + 1,
    0,
    ...(passthrough === undefined ? [] : [passthroughText(passthrough)]),
    ...requestLines(requests),
  );
  lines.push(...pending.slice(0, shownChanges).map((change) => `  ${changeText(change, now)}`));
  if (pendingChanges > shownChanges) lines.push(`  and ${pendingChanges - shownChanges} more`);
  if (problems.length > 0) lines.push(`${plural(problems.length, 'problem')}:`);
  lines.push(
    ...problems.map(
      ({ at, kind, path, message }) =>
        `  ${durationText(now - at)} ago, ${kind}, ${oneLine(path)}: ${oneLine(message)}`,
    ),
  );
  return lines;
}

/** One line for all requests, one for each kind of them. */
function requestLines(requests: StoreReport['requests']): string[] {
  const kinds = Object.entries(requests);
  if (kinds.length === 0) return [];
  const total = kinds.reduce((sum, [, figures]) => sum + figures.requests, 0);
  return [`${plural(total, 'request')} to the service:`, ...kinds.map((kind) => `  ${requestText(...kind)}`)];
}

function requestText(operation: string, { requests, failures, sent, received }: RequestFigures): string {
  const amounts = [
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(sent > 0 ? [`${bytesText(sent)} sent`] : []),
    ...(received > 0 ? [`${bytesText(received)} received`] : []),
  ];
  return [`${requests} ${operation}`, ...amounts].join(', ');
}

function changeText({ path, change, size, state, attempts, error, dueAt }: PendingChange, now: number): string {
  const due = dueAt <= now ? 'due' : `due in ${durationText(dueAt - now)}`;
  const when = state === 'uploading' ? 'being sent' : due;
  const failure = error === undefined ? '' : `; ${plural(attempts, 'attempt')} failed: ${error.message}`;
  return `${change} ${oneLine(path)} (${bytesText(size)}), ${when}${failure}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
