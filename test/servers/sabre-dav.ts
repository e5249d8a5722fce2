import { join } from 'node:path';
import { type DavOffer, type DavServer, makeDavUser } from './dav-server.ts';
import { freePort, ServerScope } from './server-scope.ts';

/** How to start SabreDAV. */
export interface SabreOptions {
  /** Default `basic`. Its Digest knows MD5 alone. */
  readonly authentication?: 'none' | 'basic' | 'digest';
}

/**
 * Starts SabreDAV in PHP's own web server: locks, quota properties (of the disk), and an ETag that is the MD5 of the content.
 * It takes `Depth: infinity` for `Depth: 1` without a word, closes the connection after each answer, runs one request at
 * a time (workers of PHP would outlive it), and writes a file in place.
 */
export async function startSabreDav(options: SabreOptions = {}): Promise<DavServer> {
  return await ServerScope.start('sabre-dav', async (scope): Promise<DavOffer> => {
    const { authentication = 'basic' } = options;
    const port = await freePort();
    const { user, password, realm, digest } = makeDavUser();
    const root = await scope.directory('root');
    const digestFile = await scope.file('digest', digest('md5'));
    const settings = await scope.file(
      'settings.json',
      JSON.stringify({
        root,
        locks: join(scope.folder, 'locks'),
        authentication,
        user,
        password,
        realm,
        digest: digestFile,
      }),
    );
    const router = join(import.meta.dirname, 'sabre-router.php');
    const server = scope.process('php', [...phpOptions, '-S', `127.0.0.1:${port}`, '-t', root, router], {
      env: { SABRE_SETTINGS: settings },
    });
    await server.listening(port);
    return { url: `http://127.0.0.1:${port}/`, user, password, root };
  });
}

/** Bodies of any size, which PHP keeps on the disk when it need not look for form fields in them. */
const phpOptions = ['enable_post_data_reading=0', 'post_max_size=0', 'memory_limit=2G', 'max_execution_time=0'].flatMap(
  (setting) => ['-d', setting],
);
