import type { FakeAnswer } from './fake-request.ts';
import type { GoogleFault } from './google-fault.ts';

/** A refusal in the form of the JSON API (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes). */
export function jsonError({ status, reason, message, location, retryAfter }: GoogleFault): FakeAnswer {
  if (status === 304) return { status };
  const isHeader = location !== undefined && /^[A-Z]/.test(location);
  const where = location === undefined ? {} : { locationType: isHeader ? 'header' : 'parameter', location };
  const errors = [{ message, domain: 'global', reason, ...where }];
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      ...retryHeader(retryAfter),
      ...(status === 401
        ? { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' }
        : {}),
    },
    body: JSON.stringify({ error: { code: status, message, errors } }),
  };
}

/** A refusal in the form of the XML API (https://docs.cloud.google.com/storage/docs/xml-api/reference-status). */
export function xmlError({ status, code, message, retryAfter }: GoogleFault, method: string): FakeAnswer {
  if (status === 304 || method === 'HEAD') return { status, headers: retryHeader(retryAfter) };
  const text = message.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return {
    status,
    headers: { 'content-type': 'application/xml; charset=UTF-8', ...retryHeader(retryAfter) },
    body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
  };
}

/** A refusal to deliver content, which is a mere sentence. */
export function textError({ status, message, retryAfter }: GoogleFault): FakeAnswer {
  if (status === 304) return { status };
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8', ...retryHeader(retryAfter) }, body: message };
}

function retryHeader(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
