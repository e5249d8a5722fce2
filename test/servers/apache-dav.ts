import { getuid } from 'node:process';
import { type DavOffer, type DavServer, type DavUser, makeDavUser } from './dav-server.ts';
import { freePort, ServerScope } from './server-scope.ts';

/** How to start Apache. */
export interface ApacheOptions {
  /** Default `basic`. Its Digest knows MD5 alone: `AuthDigestAlgorithm` takes no other value. */
  readonly authentication?: 'none' | 'basic' | 'digest';
  /** The path of the only folder with WebDAV, `/files/of all` for example; default is the server's root. */
  readonly folder?: string;
  /** Speaks HTTPS with a certificate that signed itself; default HTTP. */
  readonly tls?: boolean;
  /** How long a nonce of Digest is good before it is stale; default 300. */
  readonly nonceSeconds?: number;
}

/** Apache, and what only it offers. */
export interface ApacheServer extends DavServer {
  /** Answers 308 with the same path below `url` as the new place. */
  readonly movedUrl: string;
  /** The file (PEM) with the certificate that a client of HTTPS must trust. */
  readonly certificate: string;
}

/** Starts Apache with mod_dav: class 2 locks, `Depth: infinity` allowed. An ETag is weak for a second after a change. */
export async function startApacheDav(options: ApacheOptions = {}): Promise<ApacheServer> {
  return await ServerScope.start('apache-dav', async (scope): Promise<DavOffer<ApacheServer>> => {
    const port = await freePort();
    const user = makeDavUser();
    const origin = `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`;
    const url = origin + encodeURI(`${options.folder ?? ''}/`);
    const [root] = await Promise.all(['files', 'locks', 'run', 'empty'].map((name) => scope.directory(name)));
    if (options.tls === true) await makeCertificate(scope);
    await scope.file('basic', user.basic);
    await scope.file('digest', user.digest('md5'));
    const configuration = await scope.file('apache.conf', configure(scope.folder, port, url, user, options));
    const privileges = getuid?.() === 0 ? asOrdinaryUser : [];
    const apache = scope.process('apache2', ['-DFOREGROUND', '-f', configuration], { hasChildren: true, privileges });
    await apache.listening(port);
    const { user: name, password } = user;
    const certificate = `${scope.folder}/certificate.pem`;
    return { url, user: name, password, root: root ?? '', movedUrl: `${origin}/moved/`, certificate };
  });
}

/**
 * Apache started by root would serve as another user, who may not enter a folder for temporary files that is root's own. So
 * it is started as that user, with the one privilege of root that it needs.
 */
const asOrdinaryUser =
  '--reuid www-data --regid www-data --clear-groups --inh-caps +dac_override --ambient-caps +dac_override'.split(' ');

async function makeCertificate(scope: ServerScope): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
  const subject = ['-subj', '/CN=CloudFusion test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  await scope.run('openssl', 'req', '-x509', '-days', '2', ...key, ...subject, '-out', 'certificate.pem');
}

const modules =
  'mpm_event authn_core authn_file authz_core authz_user auth_basic auth_digest alias dav dav_fs ssl'.split(' ');

function configure(folder: string, port: number, url: string, user: DavUser, options: ApacheOptions): string {
  return `ServerRoot "${folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile "${folder}/run/apache.pid"
DefaultRuntimeDir "${folder}/run"
DocumentRoot "${folder}/empty"
ErrorLog "${folder}/error.log"
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${options.tls === true ? tlsPart(folder) : ''}
DavLockDB "${folder}/locks/locks"
LimitRequestBody 0
LimitXMLRequestBody 0
Redirect 308 "/moved/" "${url}"
Alias "${options.folder ?? ''}/" "${folder}/files/"
<Location "${options.folder ?? ''}/">
  Dav On
  DavDepthInfinity On
  ${authenticationPart(folder, user, options)}
</Location>
`;
}

function tlsPart(folder: string): string {
  return `SSLEngine On
SSLCertificateFile "${folder}/certificate.pem"
SSLCertificateKeyFile "${folder}/key.pem"`;
}

function authenticationPart(folder: string, user: DavUser, options: ApacheOptions): string {
  const { authentication = 'basic', nonceSeconds = 300 } = options;
  if (authentication === 'none') return 'Require all granted';
  const digest = `
  AuthDigestProvider file
  AuthDigestAlgorithm MD5
  AuthDigestNonceLifetime ${nonceSeconds}`;
  return `AuthType ${authentication === 'basic' ? 'Basic' : 'Digest'}
  AuthName "${user.realm}"
  AuthUserFile "${folder}/${authentication}"${authentication === 'digest' ? digest : ''}
  Require valid-user`;
}
