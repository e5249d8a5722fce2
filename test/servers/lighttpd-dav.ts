import { type DavAuthentication, type DavOffer, type DavServer, type DavUser, makeDavUser } from './dav-server.ts';
import { freePort, ServerScope } from './server-scope.ts';

/** How to start lighttpd. */
export interface LighttpdOptions {
  /** Default `basic`. The only one of the servers whose Digest knows SHA-256. */
  readonly authentication?: DavAuthentication;
  /** Gives every file a media type: lighttpd sends an ETag with GET only where it knows one. Default false. */
  readonly mediaTypes?: boolean;
  /** Answers `Depth: infinity`; default false. */
  readonly infinity?: boolean;
}

/** Starts lighttpd with mod_webdav, with locks and properties in SQLite. It refuses `Depth: infinity` with 403 by itself. */
export async function startLighttpdDav(options: LighttpdOptions = {}): Promise<DavServer> {
  return await ServerScope.start('lighttpd-dav', async (scope): Promise<DavOffer> => {
    const { authentication = 'basic' } = options;
    const port = await freePort();
    const user = makeDavUser();
    const root = await scope.directory('root');
    await scope.directory('uploads');
    await scope.file('basic', user.basic);
    await scope.file('digest', user.digest(authentication === 'digest-sha-256' ? 'sha256' : 'md5'));
    const configuration = await scope.file('lighttpd.conf', configure(scope.folder, port, user, options));
    await scope.process('lighttpd', ['-D', '-f', configuration]).listening(port);
    return { url: `http://127.0.0.1:${port}/`, user: user.user, password: user.password, root };
  });
}

function configure(folder: string, port: number, user: DavUser, options: LighttpdOptions): string {
  return `server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${folder}/root"
server.upload-dirs = ( "${folder}/uploads" )
server.errorlog = "${folder}/error.log"
server.modules = ( "mod_auth", "mod_authn_file", "mod_webdav" )
webdav.activate = "enable"
webdav.sqlite-db-name = "${folder}/webdav.sqlite"
${options.infinity === true ? 'webdav.opts = ( "propfind-depth-infinity" => "enable" )' : ''}
${options.mediaTypes === true ? 'mimetype.assign = ( "" => "application/octet-stream" )' : ''}
${authenticationPart(folder, user, options.authentication ?? 'basic')}
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
