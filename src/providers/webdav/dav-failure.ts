import type { HttpHeaders } from '../../http/http-request.ts';
import type { ResponseBody } from '../../http/response-body.ts';
import { codeOfStatus, retryAfterOf } from '../../http/status-error.ts';
import { isStoreError, StoreError, type StoreErrorCode } from '../../store/errors.ts';

/** An answer that says no. */
export interface DavRefusal {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: ResponseBody;
}

const longestText = 64 << 10;
const longestSentence = 300;

/** Where WebDAV means something else than HTTP at large (RFC 4918 section 11), or people need to be told more. */
const meanings: Readonly<Record<number, readonly [code: StoreErrorCode, sentence: string]>> = {
  403: ['PermissionDenied', 'the server forbids it to this user (403)'],
  405: ['Unsupported', 'the server does not allow this here (405)'],
  409: ['PermissionDenied', 'the server refuses it in this place (409)'],
  412: ['Conflict', 'it is no longer what was expected'],
  414: ['InvalidPath', 'the path is too long for the server'],
  423: ['Unavailable', 'somebody has locked it at the server; it is free again when the lock ends'],
  503: ['Unavailable', 'the server is busy or being maintained (503)'],
  507: ['QuotaExceeded', 'the server has no room left for this user'],
};

/** The failure that an answer stands for, with the sentence that servers built on SabreDAV give. Reads or discards the body. */
export async function failureOf({ status, headers, body }: DavRefusal): Promise<StoreError> {
  const text = await textOf(headers, body);
  const [code, sentence] = meanings[status] ?? [codeOfStatus(status), `the server answered ${status}`];
  const said = elementText(text, 'message');
  const isBadName = elementText(text, 'exception')?.endsWith('InvalidPath') === true;
  // ownCloud compares what it got with the checksum that came along.
  const isDamaged = status === 400 && /checksum/i.test(said ?? '');
  return new StoreError(isBadName ? 'InvalidPath' : isDamaged ? 'Corrupt' : code, {
    message: said === undefined ? sentence : `${sentence}: ${said}`,
    retryAfter: retryAfterOf(headers),
  });
}

/** A failure without a body, out of the middle of a Multi-Status. */
export function failureOfStatus(status: number): StoreError {
  const [code, message] = meanings[status] ?? [codeOfStatus(status), `the server answered ${status}`];
  return new StoreError(code, { message });
}

async function textOf(headers: HttpHeaders, body: ResponseBody): Promise<string> {
  const isXml = /\bxml\b/i.test(headers['content-type'] ?? '');
  const isLong = Number(headers['content-length'] ?? 0) > longestText;
  if (!isXml || isLong) {
    await body.discard();
    return '';
  }
  try {
    return await body.text(longestText);
  } catch (error) {
    // The status says what failed; a text that does not arrive takes nothing from that.
    if (isStoreError(error)) return '';
    throw error;
  }
}

/** Only a hint for people, so no parser: what is broken is left out. */
function elementText(xml: string, name: string): string | undefined {
  const text = new RegExp(`<(?:[\\w-]+:)?${name}>([^<]+)<`).exec(xml)?.[1]?.trim();
  return text === undefined || text === '' ? undefined : text.slice(0, longestSentence);
}
