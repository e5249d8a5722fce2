import type { HttpResponse } from '../../http/http-request.ts';
import { codeOfStatus, retryAfterOf } from '../../http/status-error.ts';
import { StoreError, type StoreErrorCode } from '../../store/errors.ts';

const longestText = 1 << 20;

/** What SugarSync said when it did not do what it was asked. It is the `cause` of the `StoreError`. */
export class SugarFault extends Error {
  override readonly name = 'SugarFault';
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(`${status} ${sentence}`.trim());
    this.status = status;
  }
}

/** The status that SugarSync itself answered, where a failure is one of its answers. */
export function faultStatus(error: unknown): number | undefined {
  return error instanceof StoreError && error.cause instanceof SugarFault ? error.cause.status : undefined;
}

/**
 * The failure that an answer stands for. Refusals are web pages with the reason in a third-level heading. A page without one comes
 * from something else on the way, and says nothing about files. Reads the answer to its end.
 */
export async function sugarError({ status, headers, body }: HttpResponse): Promise<StoreError> {
  const text = await body.text(longestText);
  const retryAfter = retryAfterOf(headers);
  const sentence = sentenceIn(text);
  const isItsOwn = sentence !== undefined || text.trim() === '';
  if (!isItsOwn && !plainStatuses.has(status)) {
    const message = `SugarSync, or something on the way to it, answered ${status}`;
    return new StoreError(status === 429 || status === 509 ? 'RateLimited' : 'Unavailable', { message, retryAfter });
  }
  const fault = new SugarFault(status, sentence ?? '');
  const [code, words] = meanings[status] ?? [codeOfStatus(status)];
  const answer = `SugarSync answered ${fault.message}`;
  return new StoreError(code, {
    message: words === undefined ? answer : `${words} (${answer})`,
    retryAfter,
    cause: fault,
  });
}

/** These say the same, whoever answers them. */
const plainStatuses: ReadonlySet<number> = new Set([401, 413]);

const meanings: Readonly<Record<number, readonly [StoreErrorCode, string?]>> = {
  400: ['Unsupported', 'SugarSync does not do that'],
  401: ['Unauthenticated', 'the login has ended; log in to SugarSync again'],
  413: ['QuotaExceeded', 'the account is full, or the file is larger than it takes'],
  509: ['RateLimited'],
};

function sentenceIn(page: string): string | undefined {
  const [, heading] = /<h3>([^]*?)<\/h3>/i.exec(page) ?? [];
  return heading
    ?.replace(/<[^>]*>/g, '')
    .replace(/&(?:amp|lt|gt|quot|apos|#39);/g, (sign) => signs[sign] ?? sign)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 500);
}

const signs: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
};
