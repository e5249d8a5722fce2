import { withWriteBackCache } from '../src/cache/write-back-cache.ts';
import { mountFileSystem } from '../src/fuse/mount.ts';
import { LocalStore } from '../src/providers/local/local-store.ts';
import { CloudFileSystem } from '../src/vfs/cloud-file-system.ts';

/** The process behind the measured mount: `node mounted-cache.ts MOUNTPOINT STORE CACHE`. Ends when it is unmounted. */
const [mountPoint, root, directory] = process.argv.slice(2) as [string, string, string];
const cache = withWriteBackCache(new LocalStore({ root }), {
  directory,
  uploadDelay: 3_600_000,
  maxBytes: 1e11,
  hardMaxBytes: 1e11,
});
const control = {
  configuration: () => '',
  configure: () => Promise.resolve(),
  stop: () => undefined,
  statistics: () => '',
  errors: () => '',
  notUploaded: () => '',
};
const fileSystem = new CloudFileSystem({ control, onError: console.error });
fileSystem.attach(cache.tree);
const mounted = await mountFileSystem(fileSystem, { mountPoint, onError: console.error });
process.stdout.write('ready\n');
await mounted.finished;
await cache.close();
