import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { type DropboxMetadata, metadataIn } from './dropbox-metadata.ts';
import type { SmallWrite } from './waiting-write.ts';

/** Sends a file in one request. Throws `Corrupt` where Dropbox keeps something else. */
export async function uploadAlone(
  client: DropboxClient,
  { commit, bytes, sum }: SmallWrite,
  options: CallOptions,
): Promise<DropboxMetadata> {
  const written = await client.upload('files/upload', { ...commit, content_hash: sum }, bytes, options);
  return assertSum(metadataIn(written), sum);
}

/** What was written, where it has this checksum; else throws `Corrupt`. */
export function assertSum(written: DropboxMetadata, sum: string): DropboxMetadata {
  if (written['content_hash'] === sum) return written;
  throw new StoreError('Corrupt', { message: 'what Dropbox keeps is not what was sent' });
}
