import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { StoreError } from '../store/errors.ts';

/**
 * Which certificate authorities are trusted: those of Node, those of `caFile`, and, for servers that these do not vouch for, those
 * of the system. The system's are loaded when first needed, since that takes a tenth of a second.
 */
export class Authorities {
  readonly #own: readonly string[];
  #usual: SecureContext | undefined;
  #wide: SecureContext | undefined;

  /** Throws `Unsupported` for a file that cannot be read or holds no certificate; the message names it. */
  constructor(caFile?: string) {
    this.#own = caFile === undefined ? [] : certificatesIn(caFile);
  }

  /** Whether the system's are trusted already. */
  get isWide(): boolean {
    return this.#wide !== undefined;
  }

  /** For connections, until `widen` was called; then the same as `widen`. */
  context(): SecureContext {
    if (this.#wide !== undefined) return this.#wide;
    this.#usual ??= this.#own.length === 0 ? createSecureContext() : contextOf(['default'], this.#own);
    return this.#usual;
  }

  /** From now on the system's authorities are trusted too. */
  widen(): SecureContext {
    this.#wide ??= contextOf(['default', 'system'], this.#own);
    return this.#wide;
  }
}

function contextOf(kinds: readonly ('default' | 'system')[], own: readonly string[]): SecureContext {
  const known = kinds.flatMap((kind) => getCACertificates(kind));
  return createSecureContext({ ca: [...new Set([...known, ...own])] });
}

function certificatesIn(file: string): string[] {
  const text = readText(file);
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw unusable(file, 'holds no certificate in PEM form');
  for (const certificate of certificates) assertCertificate(certificate, file);
  return certificates;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    throw unusable(file, `cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

function assertCertificate(certificate: string, file: string): void {
  try {
    new X509Certificate(certificate).toString();
  } catch (error) {
    throw unusable(file, 'holds a damaged certificate', error);
  }
}

function unusable(file: string, why: string, cause?: unknown): StoreError {
  return new StoreError('Unsupported', { message: `the file of certificate authorities ${file} ${why}`, cause });
}
