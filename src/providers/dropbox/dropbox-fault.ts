import type { HttpResponse } from '../../http/http-request.ts';
import { codeOfStatus, retryAfterOf } from '../../http/status-error.ts';
import { isRecord } from '../../http/told-values.ts';
import { StoreError, type StoreErrorCode } from '../../store/errors.ts';

const longestText = 1 << 20;

/** What Dropbox said when it did not do what it was asked. It is the `cause` of the `StoreError`. */
export class DropboxFault extends Error {
  override readonly name = 'DropboxFault';
  readonly status: number;
  /** Dropbox's tags, from the outermost on: `path/conflict/file`. Empty where the answer had none. */
  readonly tags: string;
  /** The error as Dropbox described it. */
  readonly told: Readonly<Record<string, unknown>>;

  constructor(status: number, tags: string, told: Readonly<Record<string, unknown>> = {}) {
    super(`${status} ${tags}`.trim());
    this.status = status;
    this.tags = tags;
    this.told = told;
  }

  /** Whether one of the tags, or several of them in a row, is this: `conflict/folder`. */
  has(tags: string): boolean {
    return `/${this.tags}/`.includes(`/${tags}/`);
  }
}

/** Dropbox's own answer, where a failure is one. */
export function faultOf(error: unknown): DropboxFault | undefined {
  return error instanceof StoreError && error.cause instanceof DropboxFault ? error.cause : undefined;
}

/**
 * The failure that an answer stands for, in words that say what to change
 * (https://www.dropbox.com/developers/documentation/http/documentation#error-handling). Reads the answer to its end.
 */
export async function dropboxError({ status, headers, body }: HttpResponse): Promise<StoreError> {
  const text = await body.text(longestText);
  const retryAfter = retryAfterOf(headers);
  const answer = parsed(text);
  if (answer === undefined) return strangeError(status, text, retryAfter);
  const told = isRecord(answer['error']) ? answer['error'] : {};
  const summary = answer['error_summary'];
  const tags = typeof summary === 'string' ? summary.replace(/\/?\.*$/, '') : tagsIn(told);
  const seconds = told['retry_after'];
  const wait = retryAfter ?? (typeof seconds === 'number' ? seconds * 1000 : undefined);
  return taggedError(new DropboxFault(status, tags, told), wait);
}

/** The failure of one part of a batch, whose error has tags alone. */
export function partError(told: Readonly<Record<string, unknown>>): StoreError {
  return taggedError(new DropboxFault(409, tagsIn(told), told));
}

function taggedError(fault: DropboxFault, retryAfter?: number): StoreError {
  const [, code, sentence] = meanings.find(([tags]) => fault.has(tags)) ?? [
    '',
    // Of a missing file Dropbox tells in tags alone.
    fault.status === 409 ? 'Unsupported' : codeOfStatus(fault.status),
  ];
  const answer = `Dropbox answered ${fault.message}`;
  const message = sentence === undefined ? answer : `${sentence} (${answer})`;
  return new StoreError(code, { message, retryAfter, cause: fault });
}

/** For what Dropbox does not answer in JSON: sentences with 400, and pages from something on the way. */
function strangeError(status: number, text: string, retryAfter: number | undefined): StoreError {
  const isSentence = status === 400 && !text.trimStart().startsWith('<');
  if (isSentence)
    return new StoreError('Unsupported', {
      message: `Dropbox did not understand: ${text.trim().slice(0, 500)}`,
      cause: new DropboxFault(status, ''),
    });
  // 413 and 431: something on the way takes no request, or no header, of this length.
  const isKnown = [401, 413, 429, 431].includes(status);
  const code = isKnown ? codeOfStatus(status) : 'Unavailable';
  const message = `Dropbox, or something on the way to it, answered ${status}`;
  return new StoreError(code, { message, retryAfter, cause: new DropboxFault(status, '') });
}

/** `.tag`s, each in the field that the outer one names. */
function tagsIn(told: Readonly<Record<string, unknown>>): string {
  const tag = told['.tag'];
  if (typeof tag !== 'string') return isRecord(told['reason']) ? tagsIn(told['reason']) : '';
  const inner = told[tag];
  if (typeof inner === 'string') return `${tag}/${inner}`;
  const rest = isRecord(inner) ? tagsIn(inner) : isRecord(told['reason']) ? tagsIn(told['reason']) : '';
  return rest === '' ? tag : `${tag}/${rest}`;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const relogin = 'the login has ended; log in to Dropbox again';

/** The first that is found counts. */
const meanings: readonly (readonly [string, StoreErrorCode, string?])[] = [
  ['too_many_write_operations', 'RateLimited'],
  ['too_many_requests', 'RateLimited'],
  ['content_hash_mismatch', 'Corrupt', 'what arrived is not what was sent'],
  ['insufficient_space', 'QuotaExceeded', 'the Dropbox is full'],
  ['insufficient_quota', 'QuotaExceeded', 'the Dropbox is full'],
  ['conflict/folder', 'IsADirectory'],
  ['conflict/file_ancestor', 'NotADirectory'],
  ['conflict', 'Conflict'],
  ['not_found', 'NotFound'],
  ['not_file', 'IsADirectory'],
  ['not_folder', 'NotADirectory'],
  ['disallowed_name', 'InvalidPath', 'Dropbox does not take this name'],
  ['malformed_path', 'InvalidPath', 'Dropbox does not take this name'],
  ['cant_move_folder_into_itself', 'InvalidPath'],
  ['payload_too_large', 'TooLarge'],
  ['too_large', 'TooLarge'],
  ['too_many_files', 'TooLarge', 'Dropbox moves and deletes at the most 10,000 files at once'],
  ['no_write_permission', 'PermissionDenied'],
  ['no_permission', 'PermissionDenied'],
  ['restricted_content', 'PermissionDenied'],
  ['locked', 'PermissionDenied', 'somebody has locked the file'],
  ['team_folder', 'PermissionDenied'],
  ['operation_suppressed', 'PermissionDenied'],
  ['missing_scope', 'PermissionDenied', 'the app lacks a permission; tick it in the App Console and log in again'],
  ['expired_access_token', 'Unauthenticated', relogin],
  ['invalid_access_token', 'Unauthenticated', relogin],
  ['user_suspended', 'Unauthenticated', 'Dropbox has suspended the account'],
  ['internal_error', 'Unavailable'],
  ['invalid_root', 'Unavailable', 'the account has moved to another team space'],
  ['reset', 'Unavailable', 'Dropbox has forgotten the listing'],
];
