import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a certificate for localhost that vouches for itself, made anew for one test run. */
export interface TestIdentity extends Disposable {
  /** PEM text of key and certificate. */
  readonly pem: string;
  /** A file with the certificate alone. */
  readonly certificateFile: string;
  /** A folder of the test's own. */
  readonly folder: string;
}

/** `names`: subject alternative names, as openssl writes them. One that is `expired` has been so for a day. */
export function testIdentity(names: string = 'DNS:localhost,IP:127.0.0.1', expired: boolean = false): TestIdentity {
  const folder = mkdtempSync(join(tmpdir(), 'cloudfusion-identity-'));
  const key = join(folder, 'key.pem');
  const certificateFile = join(folder, 'certificate.pem');
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names}`];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl([...kind, ...subject, '-keyout', key, '-out', certificateFile]);
  // `req` takes no days in the past.
  if (expired) openssl(['x509', '-in', certificateFile, '-signkey', key, '-days', '-1', '-out', certificateFile]);
  return {
    pem: readFileSync(key, 'utf8') + readFileSync(certificateFile, 'utf8'),
    certificateFile,
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

function openssl(args: readonly string[]): void {
  const made = spawnSync('openssl', args);
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${String(made.stderr)}`);
}
