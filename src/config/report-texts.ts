/** The texts of `stats/stats`, `stats/errors` and `stats/notuploaded`. MB are 1,000,000 bytes. */
import type { CacheStatistics, PendingChange, Problem } from '../cache/cache-report.ts';
import type { FailureCount } from '../layers/statistics.ts';
import { type PassthroughState, passthroughText } from '../vfs/passthrough.ts';
import { plural } from './amounts.ts';
import { oneLine } from './one-line.ts';

/** What the text about errors is made of. */
export interface Failings {
  /** Why the last configuration was refused, and when. */
  readonly refused?: { readonly at: number; readonly message: string } | undefined;
  readonly failures?: CacheStatistics['failures'] | undefined;
  readonly problems?: readonly Problem[] | undefined;
}

/** The figures of a mount, one a line, in the order that they always had. */
export function statisticsText(
  statistics: CacheStatistics | undefined,
  passthrough: PassthroughState | undefined,
): string {
  if (statistics === undefined)
    return 'Status:\nnot configured: write a configuration into config/config, which shows an example\n';
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(2);
  return `Transfers that were aborted are not counted.
Opening a file is a hit if all of it is cached, also if it is outdated.

${megabytes(statistics.downloadRate)} MB/s download rate
${megabytes(statistics.uploadRate)} MB/s upload rate
${megabytes(statistics.uploadedBytes)} MB uploaded
${megabytes(statistics.downloadedBytes)} MB downloaded

${statistics.misses} cache misses
${statistics.hits} cache hits

${megabytes(statistics.cachedBytes)} MB of cached data

Status:
${statistics.online ? 'online' : 'offline: the service cannot be reached'}
${pauseLine(statistics)}${plural(statistics.dirtyFiles, 'file')} to upload (${megabytes(statistics.dirtyBytes)} MB), ${plural(statistics.pendingChanges, 'change')} to send
${passthrough === undefined ? '' : `${passthroughText(passthrough)}\n`}`;
}

/** Loud, because nothing else tells why nothing is sent. */
function pauseLine({ paused, fullUntil }: CacheStatistics): string {
  const end = paused?.until === undefined ? '' : ` until ${new Date(paused.until).toISOString()}`;
  if (paused !== undefined) return `uploads are PAUSED${end}\n`;
  return fullUntil === undefined ? '' : 'the account is full: uploads wait\n';
}

/** One block a kind of failure, then one line a problem. Empty when there is nothing to tell. */
export function errorsText({ refused, failures = {}, problems = [] }: Failings, now: number): string {
  const blocks = Object.entries(failures).map(([code, failure]) => failureBlock(code, failure, now));
  if (refused !== undefined) {
    const ago = secondsSince(refused.at, now);
    blocks.unshift(
      `The configuration was refused ${ago} ago, and what was in force stays.\nDescription: ${refused.message}\n`,
    );
  }
  const lines = problems.map(
    ({ at, kind, path, message }) => `${new Date(at).toISOString()} ${kind} ${oneLine(path)}: ${oneLine(message)}\n`,
  );
  if (lines.length > 0) blocks.push(lines.join(''));
  return blocks.join('\n');
}

/** The paths of all that is here and not yet as it is at the service, one a line. */
export function notUploadedText(pending: readonly PendingChange[]): string {
  return pending
    .filter(({ change }) => change !== 'delete')
    .map(({ path }) => `${path.replaceAll('\n', '\\n')}\n`)
    .join('');
}

function failureBlock(code: string, { count, last }: FailureCount, now: number): string {
  const where = last.path === undefined ? '' : ` (${oneLine(last.path)})`;
  return `${code} occurred ${plural(count, 'time')}. Last occurrence: ${secondsSince(last.at, now)} ago.\nDescription: ${last.message}${where}\n`;
}

function secondsSince(at: number, now: number): string {
  return plural(Math.max(0, Math.round((now - at) / 1000)), 'second');
}
