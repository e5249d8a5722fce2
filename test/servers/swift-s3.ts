import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { folderWithAttributes } from './extended-attributes.ts';
import type { S3Keys, S3Server } from './s3-server.ts';
import { freePort, type RunningServer, ServerScope } from './server-scope.ts';

interface Ports {
  readonly proxy: number;
  readonly memcached: number;
  readonly account: number;
  readonly container: number;
  readonly object: number;
}

/** One ring of one device for each kind of server. */
const makeRings = `import sys
from swift.common.ring import RingBuilder
for name, port in zip(('account', 'container', 'object'), sys.argv[2:]):
    builder = RingBuilder(4, 1, 0)
    address = {'ip': '127.0.0.1', 'port': int(port), 'replication_ip': '127.0.0.1', 'replication_port': int(port)}
    builder.add_dev({'region': 1, 'zone': 1, 'device': 'disk', 'weight': 1.0, **address})
    builder.rebalance()
    builder.get_ring().save(sys.argv[1] + '/' + name + '.ring.gz')
`;

/**
 * Starts OpenStack Swift with its S3 interface: a proxy, one server each for accounts, containers and data, and a memcached
 * (about 3 s). Its data is on the disk, with extended attributes, so the folder for temporary files must keep those.
 *
 * It is stricter than Amazon S3: DeleteObjects needs Content-MD5; aws-chunked bodies and conditional writes answer 501.
 */
export async function startSwiftS3(): Promise<S3Server> {
  const parent = folderWithAttributes();
  if (parent === undefined) throw new Error('no folder for temporary files keeps extended attributes');
  const start = async (scope: ServerScope): Promise<Omit<S3Server, keyof RunningServer>> => {
    const ports = await choosePorts();
    const keys: S3Keys = { accessKey: 'first:tester', secretKey: randomBytes(20).toString('hex') };
    const other: S3Keys = { accessKey: 'first:other', secretKey: randomBytes(20).toString('hex') };
    await scope.directory('devices/disk');
    await scope.run(
      'python3',
      '-c',
      makeRings,
      scope.folder,
      `${ports.account}`,
      `${ports.container}`,
      `${ports.object}`,
    );
    await configure(scope, ports, keys, other);
    await startAll(scope, ports);
    return {
      endpoint: `http://127.0.0.1:${ports.proxy}`,
      domain: `localhost:${ports.proxy}`,
      region: 'us-east-1',
      ...keys,
      other,
    };
  };
  return await ServerScope.start('swift-s3', start, parent);
}

async function choosePorts(): Promise<Ports> {
  return {
    proxy: await freePort(),
    memcached: await freePort(),
    account: await freePort(),
    container: await freePort(),
    object: await freePort(),
  };
}

async function startAll(scope: ServerScope, ports: Ports): Promise<void> {
  const user = userInfo().uid === 0 ? ['-u', 'root'] : [];
  const memcached = scope.process('memcached', ['-l', '127.0.0.1', '-p', `${ports.memcached}`, '-U', '0', ...user]);
  const servers = (['account', 'container', 'object', 'proxy'] as const).map(async (kind) =>
    scope.process(`swift-${kind}-server`, [`${scope.folder}/${kind}.conf`, '-v']).listening(ports[kind]),
  );
  await Promise.all([memcached.listening(ports.memcached), ...servers]);
}

async function configure(scope: ServerScope, ports: Ports, keys: S3Keys, other: S3Keys): Promise<void> {
  await scope.file('proxy.conf', proxyConfiguration(scope.folder, ports, keys, other));
  for (const kind of ['account', 'container', 'object'] as const)
    await scope.file(`${kind}.conf`, serverConfiguration(scope.folder, kind, ports[kind]));
}

/** Long timeouts: on a busy machine a server that is only slow must not be taken for a broken one. */
function proxyConfiguration(folder: string, ports: Ports, keys: S3Keys, other: S3Keys): string {
  return `${commonPart(folder, ports.proxy)}
[pipeline:main]
pipeline = catch_errors proxy-logging cache s3api tempauth bulk slo dlo proxy-logging proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 20
node_timeout = 60
recoverable_node_timeout = 60
error_suppression_limit = 1000000

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:proxy-logging]
use = egg:swift#proxy_logging

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${ports.memcached}

[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = localhost

[filter:tempauth]
use = egg:swift#tempauth
user_first_tester = ${keys.secretKey} .admin
user_first_other = ${other.secretKey}

[filter:bulk]
use = egg:swift#bulk

[filter:slo]
use = egg:swift#slo

[filter:dlo]
use = egg:swift#dlo
`;
}

function serverConfiguration(folder: string, kind: 'account' | 'container' | 'object', port: number): string {
  return `${commonPart(folder, port)}
devices = ${folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0

[pipeline:main]
pipeline = ${kind}-server

[app:${kind}-server]
use = egg:swift#${kind}
`;
}

function commonPart(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
`;
}
