import { refuse } from './dropbox-refusal.ts';
import { newSession } from './dropbox-sessions.ts';
import type { DropboxState } from './dropbox-state.ts';
import type { Parameters } from './dropbox-told.ts';

const block = 4194304;

/** Whether a session is asked for that takes its parts in any order. */
export function isConcurrent({ session_type: type }: Parameters): boolean {
  return type === 'concurrent' || (type as Parameters | undefined)?.['.tag'] === 'concurrent';
}

/** Begins one; it takes no bytes with that, and is not closed at once. */
export function newConcurrentSession(state: DropboxState, { close }: Parameters, content: Buffer): string {
  if (content.length > 0) refuse('concurrent_session_data_not_allowed');
  if (close === true) refuse('concurrent_session_close_not_allowed');
  const session = newSession(state.sessions, Buffer.alloc(0));
  state.concurrent.set(session, new Map());
  return session;
}

/** The parts of the session that a call is about, where it is such a one. */
export function partsIn({ concurrent }: DropboxState, { cursor }: Parameters): Map<number, Buffer> | undefined {
  return concurrent.get(String((cursor as Parameters)['session_id']));
}

/** Whole blocks at whole blocks; only what closes the session may be another size. */
export function appendConcurrently(state: DropboxState, parameters: Parameters, content: Buffer): null {
  const { session_id: id, offset } = parameters['cursor'] as Parameters;
  if (!state.sessions.has(String(id))) refuse('not_found');
  if (state.closed.has(String(id))) refuse('closed');
  if (Number(offset) % block !== 0) refuse('concurrent_session_invalid_offset');
  if (parameters['close'] !== true && content.length % block !== 0) refuse('concurrent_session_invalid_data_size');
  partsIn(state, parameters)?.set(Number(offset), content);
  if (parameters['close'] === true) state.closed.add(String(id));
  return null;
}

/** Puts the parts together, so that the session can be committed like any other. */
export function assemble(state: DropboxState, parameters: Parameters, content: Buffer): void {
  const { session_id: named, offset } = parameters['cursor'] as Parameters;
  const id = String(named);
  if (!state.sessions.has(id)) refuse('lookup_failed/not_found');
  if (content.length > 0) refuse('concurrent_session_data_not_allowed');
  if (!state.closed.has(id)) refuse('concurrent_session_not_closed');
  const parts = [...(partsIn(state, parameters) ?? [])].sort(([a], [b]) => a - b);
  let at = 0;
  for (const [begin, bytes] of parts) {
    if (begin !== at) refuse('concurrent_session_missing_data');
    at += bytes.length;
  }
  if (at !== offset) refuse('concurrent_session_missing_data');
  state.sessions.set(id, Buffer.concat(parts.map(([, bytes]) => bytes)));
  state.concurrent.delete(id);
}
