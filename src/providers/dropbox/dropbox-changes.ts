import { isStoreError } from '../../store/errors.ts';
import type { CallOptions, Changes, ChangesOptions, ToldChange } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { faultOf } from './dropbox-fault.ts';
import type { LongPoll } from './long-poll.ts';
import { type DropboxMetadata, entryOf, metadataIn, textIn } from './dropbox-metadata.ts';

/** So long an answer was on its way at the most, in milliseconds. */
const travelTime = 1_000;

/** All of the account, or of the app's folder. */
const everywhere = { path: '', recursive: true };

/**
 * `Store.changes` (https://developers.dropbox.com/detecting-changes-guide). A position is a cursor of Dropbox. What was deleted is told
 * as that; of a folder that was moved Dropbox tells that the old one was deleted, and everything in the new one. A change of nothing but
 * the spelling of a name is not told.
 */
export async function dropboxChanges(
  client: DropboxClient,
  poll: LongPoll,
  since: string | undefined,
  options: ChangesOptions,
): Promise<Changes> {
  if (since === undefined) return await fromNow(client, false, options);
  const { wait = 0 } = options;
  const asked = Date.now();
  if (wait > 0 && (await poll.change(since, wait, options)) === 'nothing') {
    const until = Math.max(asked, Date.now() - travelTime);
    return { position: since, told: [], more: false, everything: false, until };
  }
  const until = Date.now();
  try {
    const page = await client.rpc('files/list_folder/continue', { cursor: since }, options);
    const { entries } = page;
    const told = (Array.isArray(entries) ? entries : [undefined]).map((entry) => changeIn(metadataIn(entry)));
    return { position: textIn(page, 'cursor'), told, more: page['has_more'] === true, everything: false, until };
  } catch (error) {
    if (isForgotten(error)) return await fromNow(client, true, options);
    throw error;
  }
}

async function fromNow(client: DropboxClient, everything: boolean, options: CallOptions): Promise<Changes> {
  const answer = await client.rpc('files/list_folder/get_latest_cursor', everywhere, options);
  return { position: textIn(answer, 'cursor'), told: [], more: false, everything };
}

function changeIn(metadata: DropboxMetadata): ToldChange {
  const path = textIn(metadata, 'path_display');
  return { path, entry: metadata['.tag'] === 'deleted' ? null : entryOf(metadata, path) };
}

/** A cursor that is too old, or none: of that Dropbox says in a sentence that it makes no sense. */
function isForgotten(error: unknown): boolean {
  const fault = faultOf(error);
  return fault?.has('reset') === true || (fault?.status === 400 && isStoreError(error, 'Unsupported'));
}
