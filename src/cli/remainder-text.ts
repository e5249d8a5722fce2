import { bytesText, plural } from '../config/amounts.ts';
import type { Remainder } from './daemon/control-protocol.ts';

/** What a mount left behind, in a sentence. */
export function remainderText({ changes, files, bytes, forced }: Remainder): string {
  const lost = forced ? ' Programs had files open in it; what they had not closed or synced is lost to them.' : '';
  if (changes === 0) return `Stopped; everything is uploaded.${lost}`;
  const others = changes - files;
  const waiting = [
    ...(files > 0 ? [`${plural(files, 'file')} (${bytesText(bytes)})`] : []),
    ...(others > 0 ? [plural(others, 'other change')] : []),
  ].join(' and ');
  const verb = changes === 1 ? 'waits' : 'wait';
  return `Stopped; ${waiting} ${verb} in the cache, and the next start with the same configuration goes on.${lost}`;
}
