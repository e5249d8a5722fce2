import { randomUUID } from 'node:crypto';
import type { DropboxState } from './dropbox-state.ts';
import { DropboxRefusal, misunderstand, refuse } from './dropbox-refusal.ts';
import { metadataOf, type Parameters, pathIn } from './dropbox-told.ts';

/** Begins a session with these bytes. */
export function newSession(sessions: DropboxState['sessions'], content: Buffer): string {
  const id = `pid_upload_session:${randomUUID()}${randomUUID()}`.slice(0, 68);
  sessions.set(id, content);
  return id;
}

/** Commits what a session has, and these bytes after it. */
export function finish(state: DropboxState, { cursor, commit }: Parameters, content: Buffer): object {
  const { disk, sessions } = state;
  const { id, kept } = sessionAt(state, cursor, 'lookup_failed/');
  const told = commit as Parameters;
  assertCommit(told);
  const at = pathIn(told['path']);
  const entry = disk.write({ ...told, path: at }, Buffer.concat([kept, content]));
  sessions.delete(id);
  return metadataOf(disk, at, entry, false);
}

/** Commits closed sessions, and answers for each. */
export function finishBatch(state: DropboxState, { entries }: Parameters): object {
  if (!Array.isArray(entries) || entries.length > 1000) misunderstand('entries: at most 1000');
  const answers = entries.map((entry: Parameters) =>
    eachAnswer(() => {
      const { session_id: id } = entry['cursor'] as Parameters;
      if (state.sessions.has(String(id)) && !state.closed.has(String(id))) refuse('lookup_failed/not_closed');
      if (state.busyEntries > 0 && state.busyEntries-- > 0) refuse('too_many_write_operations');
      return finish(state, entry, Buffer.alloc(0));
    }),
  );
  return { entries: answers };
}

/** Splits the bytes of a request among sessions, as they are told. */
export function appendBatch(state: DropboxState, { entries }: Parameters, content: Buffer): object {
  if (!Array.isArray(entries) || entries.length > 1000) misunderstand('entries: at most 1000');
  const lengths = entries.map(({ length }: Parameters) => Number(length));
  if (lengths.reduce((sum, length) => sum + length, 0) !== content.length) refuse('length_mismatch');
  let at = 0;
  const answers = entries.map(({ cursor, close }: Parameters, index) => {
    const bytes = content.subarray(at, (at += lengths[index] ?? 0));
    return eachAnswer(() => void append(state, { cursor, close }, bytes));
  });
  return { entries: answers };
}

/** Appends to a session, and closes it where that is asked for. */
export function append(state: DropboxState, { cursor, close }: Parameters, content: Buffer): null {
  const { session_id: named } = cursor as Parameters;
  if (state.closed.has(String(named))) refuse('closed');
  const { id, kept } = sessionAt(state, cursor, '');
  state.sessions.set(id, Buffer.concat([kept, content]));
  if (close === true) state.closed.add(id);
  return null;
}

function eachAnswer(work: () => object | void): object {
  try {
    return { '.tag': 'success', ...work() };
  } catch (error) {
    if (!(error instanceof DropboxRefusal) || error.status !== 409) throw error;
    return { '.tag': 'failure', failure: JSON.parse(error.body).error };
  }
}

const commitFields: ReadonlySet<string> = new Set(
  'path mode autorename client_modified mute strict_conflict content_hash'.split(' '),
);

/** Refuses what `CommitInfo` does not have. */
export function assertCommit(commit: Parameters): void {
  for (const name of Object.keys(commit)) if (!commitFields.has(name)) misunderstand(`unknown field '${name}'`);
  const time = commit['client_modified'];
  if (time !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(JSON.stringify(time).slice(1, -1)))
    misunderstand(`client_modified: time data ${JSON.stringify(time)} does not match format '%Y-%m-%dT%H:%M:%SZ'`);
}

function sessionAt({ sessions }: DropboxState, cursor: unknown, field: string): { id: string; kept: Buffer } {
  const { session_id: id, offset } = cursor as Parameters;
  const kept = sessions.get(String(id)) ?? refuse(`${field}not_found`);
  if (offset !== kept.length) refuse(`${field}incorrect_offset`, { correct_offset: kept.length });
  return { id: String(id), kept };
}
