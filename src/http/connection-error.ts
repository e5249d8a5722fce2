import { isStoreError, StoreError } from '../store/errors.ts';

/**
 * What a failed connection means: `Unavailable` with a sentence that names what to look at, `Unauthenticated` for a certificate
 * that is not trusted, since waiting does not help there. A `StoreError` stays what it is.
 */
export function connectionError(error: unknown, origin?: string): StoreError {
  if (isStoreError(error)) return error;
  const code = codeOf(error);
  const where = origin === undefined ? 'the service' : origin;
  if (code !== undefined && (untrusted.has(code) || code.startsWith('ERR_TLS_CERT'))) {
    const message = `the certificate of ${where} is not trusted (${code}); if it is your own, name its authority in ca_file`;
    return new StoreError('Unauthenticated', { message, cause: error });
  }
  const sentence = code === undefined ? undefined : sentences[code];
  const message = `${where} ${sentence ?? `cannot be reached (${code ?? (error instanceof Error ? error.message : String(error))})`}`;
  return new StoreError('Unavailable', { message, cause: error });
}

/** Codes of OpenSSL's verification, as Node names them (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const untrusted: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'HOSTNAME_MISMATCH',
]);

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has an unknown host name (ENOTFOUND)',
  EAI_AGAIN: 'cannot be looked up: there is no name server (EAI_AGAIN)',
  ECONNREFUSED: 'refuses connections (ECONNREFUSED)',
  ECONNRESET: 'closed the connection (ECONNRESET)',
  EPIPE: 'closed the connection (EPIPE)',
  UND_ERR_SOCKET: 'closed the connection',
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
