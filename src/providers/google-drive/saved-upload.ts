import { isSessionAt, type SessionPath } from '../google/google-session.ts';
import { filesPath } from './drive-calls.ts';

/** What is saved of an upload that may go on. */
export interface SavedUpload {
  readonly session: SessionPath;
  readonly size: number;
  readonly conditions: string;
  /** Bytes that Drive had, and the state of their `SavableHash`. */
  readonly offset: number;
  readonly state: string;
}

/** What was saved, or undefined for what is none of ours: nothing is ever sent to another place than the uploads of Drive. */
export function parseSaved(text: string | undefined): SavedUpload | undefined {
  let value: Partial<Record<keyof SavedUpload, unknown>> | null;
  try {
    value = JSON.parse(text ?? 'null') as typeof value;
  } catch {
    return undefined;
  }
  const { session, size, conditions, offset, state } = value ?? {};
  if (typeof session !== 'string' || typeof conditions !== 'string') return undefined;
  const isPlace = isNumber(size) && isNumber(offset) && offset <= size;
  if (!isPlace || typeof state !== 'string') return undefined;
  return isUploadSession(session) ? (value as SavedUpload) : undefined;
}

/** Whether it is a session of an upload to Drive, of a new file or of one that is replaced. */
export function isUploadSession(session: SessionPath): boolean {
  const [path = ''] = session.split('?');
  const isUpload = path === `/upload${filesPath}` || /^\/upload\/drive\/v3\/files\/[\w-]+$/.test(path);
  return isUpload && isSessionAt(path, session);
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
