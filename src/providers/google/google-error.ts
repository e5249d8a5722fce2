import { ownValue } from '../../store/own-value.ts';
import type { HttpResponse } from '../../http/http-request.ts';
import { codeOfStatus, retryAfterOf } from '../../http/status-error.ts';
import { StoreError, type StoreErrorCode } from '../../store/errors.ts';

const longestText = 1 << 20;

/** What Google said when it did not do what it was asked. It is the `cause` of the `StoreError`. */
export class GoogleFault extends Error {
  readonly status: number;
  /** Google's own code: `conditionNotMet`. Absent where the answer had none. */
  readonly reason: string | undefined;
  /** Google's own sentence. */
  readonly detail: string;

  constructor(status: number, reason: string | undefined, detail: string) {
    super([status, reason, detail].filter((part) => part !== undefined && part !== '').join(' '));
    this.name = 'GoogleFault';
    this.status = status;
    this.reason = reason;
    this.detail = detail;
  }
}

/** What a refusal means: its code, and what to change. */
export type GoogleMeaning = readonly [StoreErrorCode, string?];

/** The meaning that one service of Google gives to its refusals; undefined: the one that all of them share. */
export type MeaningOf = (fault: GoogleFault) => GoogleMeaning | undefined;

/**
 * The failure that an answer stands for, in words that say what to change
 * (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes). Reads the answer to its end.
 */
export async function googleError(answer: HttpResponse, meaningOf: MeaningOf): Promise<StoreError> {
  const fault = parseFault(answer.status, await answer.body.text(longestText));
  return errorOfFault(fault, meaningOf, retryAfterOf(answer.headers));
}

/** What an error's text says; downloads answer a sentence instead of JSON. */
export function parseFault(status: number, text: string): GoogleFault {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorResource };
    return new GoogleFault(status, error?.errors?.[0]?.reason, error?.message ?? '');
  } catch {
    const isSentence = !text.trimStart().startsWith('<');
    return new GoogleFault(status, undefined, isSentence ? text.trim().slice(0, 500) : '');
  }
}

interface ErrorResource {
  readonly message?: string;
  readonly errors?: readonly { readonly reason?: string }[];
}

/** The failure that Google's answer stands for. */
export function errorOfFault(fault: GoogleFault, meaningOf: MeaningOf, retryAfter?: number): StoreError {
  const [code, sentence] = meaningOf(fault) ?? commonMeaning(fault);
  const told = `Google answered ${fault.message}`;
  const message = sentence === undefined ? told : `${sentence} (${told})`;
  return new StoreError(code, { message, retryAfter, cause: fault });
}

/** Google's own answer, where a failure is one. */
export function faultOf(error: unknown): GoogleFault | undefined {
  return error instanceof StoreError && error.cause instanceof GoogleFault ? error.cause : undefined;
}

function commonMeaning({ status, reason, detail }: GoogleFault): GoogleMeaning {
  const known = reason === undefined ? undefined : ownValue(meanings, reason);
  if (known !== undefined) return known;
  if (status === 400 && /doesn't match calculated/.test(detail)) {
    return ['Corrupt', 'what arrived is not what was sent'];
  }
  if (status === 401) return ['Unauthenticated', 'Google does not accept the access token; log in again'];
  return [codeOfStatus(status)];
}

const tooFast: GoogleMeaning = ['RateLimited'];

const meanings: Readonly<Record<string, GoogleMeaning>> = {
  rateLimitExceeded: tooFast,
  userRateLimitExceeded: tooFast,
  usageLimits: tooFast,
  backendError: ['Unavailable'],
  internalError: ['Unavailable'],
  uploadBrokenConnection: ['Unavailable'],
  uploadTooLarge: ['TooLarge'],
};
