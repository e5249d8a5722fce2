import assert from 'node:assert/strict';
import { CommandError } from '../../../src/cli/command-error.ts';
import { orderOf } from '../../../src/cli/daemon/queue-order.ts';
import { parseDuration } from '../../../src/cli/duration.ts';
import { mountArguments } from '../../../src/cli/fstab-options.ts';
import { configurableProviders } from '../../../src/config/configurable-providers.ts';
import { ConfigurationError } from '../../../src/config/configuration-error.ts';
import { maskSecrets } from '../../../src/config/mask-secrets.ts';
import { parseConfiguration } from '../../../src/config/parse-configuration.ts';
import { parseMountTable } from '../../../src/fuse/mount-table.ts';
import { plainTarget, type FuzzTarget } from '../fuzz-target.ts';
import { mutated, oneOf } from '../mutation.ts';

const samples: readonly Buffer[] = [
  '[store]\nname = local\ncache = 60\nmetadata_cache = 120\ncache_size = 1000\nhard_cache_size_limit=2000\nallow_other = no\numask = 022\nuid = 1000\ntimeout = 30.5\nlog: debug\n\n[auth]\nroot = /srv/files\n',
  '# S3\n[store]\nname = amazon s3\ncache_id = photos ; mine\ncache_dir = ~/x\npassthrough = true\n[auth]\nid = AKIA${HOME}\nkey = "secret"\n  continued\nbucket_name = b\nendpoint = http://127.0.0.1\n',
  '[store]\nname = webdav\nprefetch = off\nstrict_posix = y\n[auth]\nurl = https://anna@cloud.example/dav\nuser = anna\npassword = ;hunter2\n',
  'defaults,rw,_netdev,ro,allow_other,log=debug,x-systemd.automount,comment=a',
  '1.5h',
  '/queue/pause?for=3600',
  '/queue/cancel?path=%2Fa%20b',
  '36 35 98:0 /mnt1 /mnt2\\040x rw,noatime master:1 - fuse.cloudfusion /etc/a.ini rw,errors=continue\n',
].map((text) => Buffer.from(text));

/** Configuration files, options of fstab, commands, and times: what people write, and what stands in the mount table. */
export const configurationTarget: FuzzTarget = plainTarget({
  name: 'configuration',
  share: 1,
  make: (random) => mutated(random, oneOf(random, samples), samples),
  async take(input) {
    const text = input.toString();
    readConfiguration(text);
    unless(CommandError, () => {
      for (const argument of mountArguments(text)) assert.equal(typeof argument, 'string');
    });
    const duration = parseDuration(text);
    assert.ok(duration === undefined || (duration > 0 && Number.isFinite(duration)));
    if (URL.canParse(text, 'http://mount')) readOrder(new URL(text, 'http://mount'));
    for (const { path } of parseMountTable(text)) assert.equal(typeof path, 'string');
  },
});

function readConfiguration(text: string): void {
  maskSecrets(text);
  unless(ConfigurationError, () => {
    const options = { providers: configurableProviders, environment: { HOME: '/home/anna' }, baseDirectory: '/base' };
    const configuration = parseConfiguration(text, options);
    for (const value of Object.values(configuration))
      assert.ok(
        ['string', 'boolean', 'object', 'undefined'].includes(typeof value) || Number.isFinite(value),
        String(value),
      );
    for (const switched of [configuration.allowOther, configuration.passthrough, configuration.prefetch])
      assert.equal(typeof switched, 'boolean');
    assert.match(configuration.cacheDirectory, /^\/./);
    assert.doesNotMatch(configuration.cacheDirectory, /\0|\/\.\.?(?:\/|$)/);
  });
}

function readOrder(url: URL): void {
  const order = orderOf(url);
  if (order?.kind !== 'pause' || order.for === undefined) return;
  assert.ok(order.for > 0 && Number.isFinite(order.for), `a pause of ${order.for}`);
}

function unless(expected: typeof CommandError | typeof ConfigurationError, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof expected)) throw error;
  }
}
