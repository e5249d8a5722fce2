import { randomBytes } from 'node:crypto';
import { StoreError } from '../../store/errors.ts';
import { childOf, nameOf, parentOf, segmentsOf } from '../../store/path.ts';

const prefix = '.cloudfusion-upload-';
const pattern = /^\.cloudfusion-upload-[0-9a-f]{32}$/;
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Where an upload waits until it is whole: beside the file that it becomes, so that the move is a rename. */
export function stagedPath(path: string): string {
  return childOf(parentOf(path), prefix + randomBytes(16).toString('hex'));
}

/** Whether `path` is that of an unfinished upload: no listing shows it. */
export function isStaged(path: string): boolean {
  return pattern.test(nameOf(path));
}

/** Whether nobody can still be at work on an unfinished upload that was last written at `modified`. */
export function isForgotten(modified: number, now: number = Date.now()): boolean {
  return now - modified > dayMilliseconds;
}

/** Throws `InvalidPath` for a name that is kept for unfinished uploads. */
export function assertNotStaged(path: string): void {
  if (!segmentsOf(path).some((name) => pattern.test(name))) return;
  throw new StoreError('InvalidPath', { path, message: `names like ${prefix}… are kept for unfinished uploads` });
}
