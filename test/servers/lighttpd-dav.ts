import { type DavAuthentication, type DavOffer, type DavServer, type DavUser, makeDavUser } from './dav-server.ts';
import { freePort, ServerScope } from './server-scope.ts';

/** How to start lighttpd. */
export interface LighttpdOptions {
  /** Default `basic`. The only one of the servers whose Digest knows SHA-256. */
  readonly authentication?: DavAuthentication;
}

/** Starts lighttpd with mod_webdav, with locks and properties in SQLite. It answers no ETag to GET, and 403 to `Depth: infinity`. */
export async function startLighttpdDav(options: LighttpdOptions = {}): Promise<DavServer> {
  return await ServerScope.start('lighttpd-dav', async (scope): Promise<DavOffer> => {
    const { authentication = 'basic' } = options;
    const port = await freePort();
    const user = makeDavUser();
    const root = await scope.directory('root');
    await scope.directory('uploads');
    await scope.file('basic', user.basic);
    await scope.file('digest', user.digest(authentication === 'digest-sha-256' ? 'sha256' : 'md5'));
    const configuration = await scope.file('lighttpd.conf', configure(scope.folder, port, user, authentication));
    await scope.process('lighttpd', ['-D', '-f', configuration]).listening(port);
    return { url: `http://127.0.0.1:${port}/`, user: user.user, password: user.password, root };
  });
}

function configure(folder: string, port: number, user: DavUser, authentication: DavAuthentication): string {
  return `server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${folder}/root"
server.upload-dirs = ( "${folder}/uploads" )
server.errorlog = "${folder}/error.log"
server.modules = ( "mod_auth", "mod_authn_file", "mod_webdav" )
webdav.activate = "enable"
webdav.sqlite-db-name = "${folder}/webdav.sqlite"
${authenticationPart(folder, user, authentication)}
`;
}

function authenticationPart(folder: string, user: DavUser, authentication: DavAuthentication): string {
  if (authentication === 'none') return '';
  const digest = `auth.backend = "htdigest"
auth.backend.htdigest.userfile = "${folder}/digest"`;
  const basic = `auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "${folder}/basic"`;
  const method = authentication === 'basic' ? 'basic' : 'digest';
  const algorithm = authentication === 'digest-sha-256' ? 'SHA-256' : 'MD5';
  return `${authentication === 'basic' ? basic : digest}
auth.require = ( "/" => (
  "method" => "${method}", "algorithm" => "${algorithm}", "realm" => "${user.realm}", "require" => "valid-user"
) )`;
}
