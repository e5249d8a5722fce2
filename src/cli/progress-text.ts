import type { DrainProgress } from '../cache/cache-report.ts';
import { bytesText, durationText, plural } from '../config/amounts.ts';

const barWidth = 24;

/**
 * How far a synchronisation has come, for one line of a terminal: bar, changes, bytes, rate and the time that is left. The rate is
 * that since the beginning, so that small and large files even out.
 */
export function progressText(progress: DrainProgress, elapsed: number): string {
  const { changesDone, changesLeft, bytesDone, bytesLeft } = progress;
  const parts = [
    bar(fractionOf(progress)),
    `${changesDone} of ${plural(changesDone + changesLeft, 'change')}`,
    `${bytesText(bytesDone)} of ${bytesText(bytesDone + bytesLeft)}`,
  ];
  const rate = elapsed > 0 ? (bytesDone * 1000) / elapsed : 0;
  if (rate > 0) parts.push(`${bytesText(rate)}/s`);
  if (rate > 0 && bytesLeft > 0) parts.push(`${durationText((bytesLeft / rate) * 1000)} left`);
  return parts.join('  ');
}

/** Bytes tell more than changes, where there are any. */
function fractionOf({ changesDone, changesLeft, bytesDone, bytesLeft }: DrainProgress): number {
  const [done, left] = bytesDone + bytesLeft > 0 ? [bytesDone, bytesLeft] : [changesDone, changesLeft];
  return done + left === 0 ? 1 : done / (done + left);
}

function bar(fraction: number): string {
  const filled = Math.floor(fraction * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
}
