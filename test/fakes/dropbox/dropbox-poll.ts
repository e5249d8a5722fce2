import { setTimeout as pause } from 'node:timers/promises';
import type { FakeRequest } from '../google-storage/fake-request.ts';
import { changesSince } from './dropbox-listings.ts';
import { misunderstand, refuse } from './dropbox-refusal.ts';
import type { DropboxState } from './dropbox-state.ts';

/** How often is looked whether something changed, in milliseconds. */
const step = 10;

/** `files/list_folder/longpoll`: answers when something changes after a cursor, or when its time is over. It takes no token. */
export async function longPoll(
  state: DropboxState,
  { headers, body }: FakeRequest,
  isGone: () => boolean,
): Promise<object> {
  if (headers['content-type'] !== 'application/json') misunderstand('Bad HTTP "Content-Type" header');
  if (headers.authorization !== undefined) misunderstand('This API function does not accept authorization');
  const { cursor: named, timeout = 30, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>;
  if (Object.keys(rest).length > 0) misunderstand(`unknown field "${Object.keys(rest)[0]}"`);
  if (!(Number.isInteger(timeout) && Number(timeout) >= 30 && Number(timeout) <= 480))
    misunderstand('timeout: out of range');
  if (!/^[\w-]{36}$/.test(String(named))) misunderstand('Invalid "cursor" parameter');
  const cursor = state.cursors.get(String(named)) ?? refuse('reset');
  const end = Date.now() + Number(timeout) * 1000;
  const isChanged = (): boolean => cursor.rest.length > 0 || changesSince(state, cursor).length > 0;
  while (!isChanged() && Date.now() < end && !isGone()) await pause(step);
  const { backoff } = state;
  return { changes: isChanged(), ...(backoff === undefined ? {} : { backoff }) };
}
