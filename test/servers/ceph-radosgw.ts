import { randomUUID } from 'node:crypto';
import type { S3Keys, S3Server } from './s3-server.ts';
import { answers, type ServerProcess } from './server-process.ts';
import { freePort, ServerScope } from './server-scope.ts';

/**
 * Starts Ceph's S3 server with one monitor and one storage daemon that keeps everything in memory (about 12 s, 1.2 GB).
 *
 * It is known to differ from Amazon S3: CompleteMultipartUpload answers an empty ETag (HEAD has the right one), trailing
 * checksums are not understood.
 */
export async function startCephRadosgw(): Promise<S3Server> {
  return await ServerScope.start('ceph-radosgw', async (scope) => {
    const cluster = await configure(scope);
    await startMonitor(scope, cluster);
    const storage = await startStorage(scope, cluster);
    const port = await freePort();
    const frontend = ['--rgw-frontends', `beast endpoint=127.0.0.1:${port}`];
    const gateway = scope.process('radosgw', [
      '-f',
      '-n',
      'client.rgw',
      '--no-mon-config',
      '-c',
      cluster.configuration,
      ...frontend,
    ]);
    await gateway.ready(async () => (await storage.runs()) && (await answers(port)));
    const [keys, other] = await Promise.all([
      makeUser(scope, cluster, 'first'),
      makeUser(scope, cluster, 'other', '--max-buckets=-1'),
    ]);
    return {
      endpoint: `http://127.0.0.1:${port}`,
      domain: `localhost:${port}`,
      region: 'us-east-1',
      ...keys,
      other,
    };
  });
}

interface Cluster {
  readonly id: string;
  readonly monitor: number;
  readonly configuration: string;
}

/**
 * No authentication inside the cluster, one copy of everything, nothing on the disk but the monitor's state. Daemons know the
 * monitor from its map, which has the cluster's id, and ask it for no settings (`--no-mon-config`): from an address alone a
 * storage daemon may ask before it has learned the id, is told `wrong fsid`, and ends.
 */
async function configure(scope: ServerScope): Promise<Cluster> {
  const id = randomUUID();
  const monitor = await freePort();
  const [run, log] = await Promise.all(['run', 'log', 'mon', 'osd', 'mgr'].map((name) => scope.directory(name)));
  const configuration = await scope.file(
    'ceph.conf',
    `[global]
fsid = ${id}
monmap = ${scope.folder}/monmap
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = ${run}
admin socket = ${run}/$name.$pid.asok
log file = ${log}/$name.log
pid file =
mon data = ${scope.folder}/mon
osd data = ${scope.folder}/osd
mgr data = ${scope.folder}/mgr
mon allow pool size one = true
mon warn on pool no redundancy = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 8589934592
osd max object name len = 4096
osd max object namespace len = 256
rgw dns name = localhost
rgw enable usage log = false
rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
debug ms = 0
debug mon = 0
debug osd = 0
debug rgw = 0
`,
  );
  return { id, monitor, configuration };
}

async function startMonitor(scope: ServerScope, { id, monitor, configuration }: Cluster): Promise<void> {
  const map = `${scope.folder}/monmap`;
  await scope.run('monmaptool', '--create', '--addv', 'a', `v1:127.0.0.1:${monitor}`, '--fsid', id, map);
  await scope.run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, '-c', configuration);
  await scope.process('ceph-mon', ['-f', '-i', 'a', '-c', configuration]).listening(monitor);
}

async function startStorage(scope: ServerScope, { configuration }: Cluster): Promise<ServerProcess> {
  const id = randomUUID();
  await scope.run('ceph', '-c', configuration, '--connect-timeout', '60', 'osd', 'new', id);
  await scope.run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', id, '--no-mon-config', '-c', configuration);
  return scope.process('ceph-osd', ['-f', '-i', '0', '--no-mon-config', '-c', configuration]);
}

/** The server makes up the keys, so that no secret is in a process list. */
async function makeUser(
  scope: ServerScope,
  { configuration }: Cluster,
  name: string,
  ...more: string[]
): Promise<S3Keys> {
  const user = ['user', 'create', `--uid=${name}`, `--display-name=${name}`, ...more];
  const made = await scope.run('radosgw-admin', '-c', configuration, ...user);
  const { keys } = JSON.parse(made) as { keys: { access_key: string; secret_key: string }[] };
  if (keys[0] === undefined) throw new Error(`radosgw-admin made no keys: ${made}`);
  return { accessKey: keys[0].access_key, secretKey: keys[0].secret_key };
}
