import { StoreError } from '../../store/errors.ts';
import type { DriveCalls } from './drive-calls.ts';
import type { DriveFile } from './drive-file.ts';
import type { CallOptions, Source } from '../../store/store.ts';

/** What was sent, and where to. */
export interface SentContent extends CallOptions {
  /** The file that got new content; undefined: a new one. */
  readonly existing: string | undefined;
  readonly source: Pick<Source, 'size'>;
}

/**
 * Throws `Corrupt` unless Drive keeps what was sent. Drive takes no checksum beforehand, so a new file that is damaged is taken away again; of one
 * that was replaced Drive keeps the former version, and the next attempt replaces it anew.
 */
export async function assertSum(calls: DriveCalls, upload: SentContent, file: DriveFile, md5: string): Promise<void> {
  if (file.md5Checksum === md5 && Number(file.size) === upload.source.size) return;
  if (upload.existing === undefined) await calls.delete(file.id, { signal: upload.signal });
  throw new StoreError('Corrupt', { message: 'what Drive keeps is not what was sent' });
}
