import { isRecord } from '../../http/told-values.ts';
import { blockBytes } from './content-hash.ts';

/** What is kept of an upload whose parts go one after the other. */
export interface SavedSession {
  readonly session: string;
  readonly size: number;
  /** How much of the file the session has. */
  readonly offset: number;
  /** State of the SHA-256 of the checksums of all whole blocks before `offset` (`SavableHash`). */
  readonly hash: string;
}

/** What is kept of an upload whose parts go beside each other. */
export interface SavedParts {
  readonly session: string;
  readonly size: number;
  /** Dropbox has all parts before this one, counted from 0. */
  readonly next: number;
  /** State of the SHA-256 of their checksums. */
  readonly hash: string;
  /** Parts behind it that Dropbox has, with their checksums (base64url). */
  readonly beyond: readonly (readonly [number, string])[];
}

/** What was saved of an upload of so many bytes; undefined for anything else. */
export function parseSaved(text: string | undefined, size: number): SavedSession | SavedParts | undefined {
  const told = parsed(text);
  if (!isRecord(told) || told['size'] !== size) return undefined;
  const { session, offset, hash, next, beyond } = told;
  if (typeof session !== 'string' || typeof hash !== 'string') return undefined;
  if (isNumber(offset)) return offset > 0 && offset <= size ? { session, size, offset, hash } : undefined;
  const isPart = (part: unknown): part is number => isNumber(part) && part * blockBytes < size + blockBytes;
  const isKnown = (entry: unknown): entry is [number, string] =>
    Array.isArray(entry) && isPart(entry[0]) && typeof entry[1] === 'string';
  if (!isPart(next) || !Array.isArray(beyond) || !beyond.every(isKnown)) return undefined;
  return { session, size, next, hash, beyond };
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
