import { ownValue } from '../store/own-value.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { SourceFailure } from './source-failure.ts';

/**
 * What a failed connection means: `Unavailable` with a sentence that names what to look at, `Unauthenticated` for a certificate
 * that is not trusted, or not at this time, and a proxy that wants a password, since waiting does not help there. A `StoreError`, a `SourceFailure` and a
 * `TypeError` stay what they are, and a request that HTTP cannot express is a `TypeError`.
 */
export function connectionError(error: unknown, origin?: string): Error {
  if (isStoreError(error) || error instanceof SourceFailure || error instanceof TypeError) return error;
  const code = codeOf(error);
  const where = origin === undefined ? 'the service' : origin;
  const proxyStatus = proxyStatusOf(error);
  if (proxyStatus !== undefined) return proxyError(proxyStatus, error);
  if (code !== undefined && misuse.has(code))
    return new TypeError(`the request to ${where} is wrong`, { cause: error });
  if (code !== undefined && untimely.has(code)) {
    const message = `the certificate of ${where} is not valid at this time (${code}); check the clock of this computer`;
    return new StoreError('Unauthenticated', { message, cause: error });
  }
  if (isUntrusted(error)) {
    const message = `the certificate of ${where} is not trusted (${code}); if it is your own, name its authority in ca_file`;
    return new StoreError('Unauthenticated', { message, cause: error });
  }
  const sentence = code === undefined ? undefined : ownValue(sentences, code);
  const message = `${where} ${sentence ?? `cannot be reached (${code ?? (error instanceof Error ? error.message : String(error))})`}`;
  return new StoreError('Unavailable', { message, cause: error });
}

/** Whether the certificate of the other side is not trusted. */
export function isUntrusted(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && (untrusted.has(code) || untimely.has(code) || code.startsWith('ERR_TLS_CERT'));
}

/** The library tells the answers of proxies in its messages alone. */
function proxyStatusOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return (
    /^Proxy response \((\d+)\)/.exec(error.message)?.[1] ??
    /^Proxy Authentication Required \((\d+)\)/.exec(error.message)?.[1]
  );
}

function proxyError(status: string, cause: unknown): StoreError {
  if (status === '407') {
    const message =
      'the proxy wants a user name and a password, or others than it got (407); they belong into its variable';
    return new StoreError('Unauthenticated', { message, cause });
  }
  return new StoreError('Unavailable', { message: `the proxy does not let us through (${status})`, cause });
}

const misuse: ReadonlySet<string> = new Set(['UND_ERR_INVALID_ARG', 'ERR_UNESCAPED_CHARACTERS', 'ERR_INVALID_CHAR']);

/** Codes of OpenSSL's verification, as Node names them (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const untrusted: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'HOSTNAME_MISMATCH',
]);

/** Of those, the ones that a wrong clock here makes. */
const untimely: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has an unknown host name (ENOTFOUND)',
  EAI_AGAIN: 'cannot be looked up: there is no name server (EAI_AGAIN)',
  ECONNREFUSED: 'refuses connections (ECONNREFUSED)',
  ECONNRESET: 'closed the connection (ECONNRESET)',
  EPIPE: 'closed the connection (EPIPE)',
  UND_ERR_SOCKET: 'closed the connection',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed the connection before the end of its answer',
  UND_ERR_DESTROYED: 'was disconnected: the client is closed',
  UND_ERR_CONNECT_TIMEOUT: 'does not answer: no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'does not answer: no answer in time',
  UND_ERR_BODY_TIMEOUT: 'does not answer: its answer stopped halfway',
};

/** The innermost code that an error or its causes carry. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const below = codeOf(error.cause);
  if (below !== undefined) return below;
  if (error instanceof AggregateError) return codeOf(error.errors[0]) ?? ownCode(error);
  return ownCode(error);
}

function ownCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
