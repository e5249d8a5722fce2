import type { DropboxState } from './dropbox-state.ts';
import { contentHashOf } from './dropbox-disk.ts';
import { refuse } from './dropbox-refusal.ts';
import {
  appendConcurrently,
  assemble,
  isConcurrent,
  newConcurrentSession,
  partsIn,
} from './dropbox-concurrent-sessions.ts';
import { append, appendBatch, assertCommit, finish, newSession } from './dropbox-sessions.ts';
import { metadataOf, type Parameters, pathIn } from './dropbox-told.ts';

/** Calls that are sent bytes. */
export const uploads: Readonly<
  Record<string, (state: DropboxState, parameters: Parameters, content: Buffer) => unknown>
> = {
  'files/upload': ({ disk }, parameters, content) => {
    if (content.length > 150 * 2 ** 20) refuse('payload_too_large');
    const at = pathIn(parameters['path']);
    assertCommit(parameters);
    return metadataOf(disk, at, disk.write({ ...parameters, path: at }, content), false);
  },
  'files/upload_session/start': (state, parameters, content) => {
    const { sessions, closed } = state;
    const { close } = parameters;
    if (isConcurrent(parameters)) return { session_id: newConcurrentSession(state, parameters, content) };
    const session = newSession(sessions, content);
    if (close === true) closed.add(session);
    return { session_id: session };
  },
  'files/upload_session/append_v2': (state, parameters, content) =>
    partsIn(state, parameters) === undefined
      ? append(state, parameters, content)
      : appendConcurrently(state, parameters, content),
  'files/upload_session/append_batch': appendBatch,
  'files/upload_session/finish': (state, parameters, content) => {
    if (partsIn(state, parameters) === undefined) return finish(state, parameters, content);
    assemble(state, parameters, content);
    return finish(state, parameters, content);
  },
};

/** Refuses bytes that do not have the checksum that was told. */
export function assertHash({ content_hash: told }: Parameters, content: Buffer): void {
  if (told !== undefined && told !== contentHashOf(content)) refuse('content_hash_mismatch');
}
