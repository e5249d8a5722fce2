import { userInfo } from 'node:os';
import { type DavOffer, type DavServer, type DavUser, makeDavUser } from './dav-server.ts';
import { freePort, ServerScope } from './server-scope.ts';

/** How to start nginx. */
export interface NginxOptions {
  /** Default `basic`: nginx has no Digest. */
  readonly authentication?: 'none' | 'basic';
}

/**
 * Starts nginx with its own WebDAV module and the dav-ext module. It has no PROPPATCH; it makes and deletes a collection only
 * under a name with a slash at the end (409 else); it answers 403 to `Depth: infinity`, 500 to PUT and COPY into a missing
 * collection, and MOVE makes that collection.
 */
export async function startNginxDav(options: NginxOptions = {}): Promise<DavServer> {
  return await ServerScope.start('nginx-dav', async (scope): Promise<DavOffer> => {
    const port = await freePort();
    const user = makeDavUser();
    const root = await scope.directory('root');
    await scope.directory('temporary');
    await scope.file('basic', user.basic);
    const configuration = await scope.file('nginx.conf', configure(scope.folder, port, user, options));
    const log = `${scope.folder}/error.log`;
    const args = ['-p', scope.folder, '-e', log, '-c', configuration];
    await scope.process('nginx', args, { hasChildren: true }).listening(port);
    return { url: `http://127.0.0.1:${port}/`, user: user.user, password: user.password, root };
  });
}

function configure(folder: string, port: number, user: DavUser, options: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/temporary/${kind};`,
  );
  const basic = `auth_basic "${user.realm}"; auth_basic_user_file ${folder}/basic;`;
  return `${userInfo().uid === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  dav_ext_lock_zone zone=locks:1m;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/root;
    client_max_body_size 0;
    dav_methods PUT DELETE MKCOL COPY MOVE;
    dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
    dav_ext_lock zone=locks;
    ${options.authentication === 'none' ? '' : basic}
  }
}
`;
}
