/** The command over services that nobody here wrote: what programs keep there, and what is refused with which words. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { FlakyProxy } from '../fakes/flaky-proxy.ts';
import { CommandLine } from '../mount/command-line.ts';
import { withoutFuse } from '../mount/mounted.ts';
import { runShell } from '../mount/run-program.ts';
import { type ApacheServer, startApacheDav } from './apache-dav.ts';
import { startCephRadosgw } from './ceph-radosgw.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import { notInstalled } from './installed.ts';
import type { S3Server } from './s3-server.ts';

/** Makes a tree with names that a service may stumble over. */
const tree = `mkdir -p data/a data/empty 'data/with space/日本 🎉'
echo hello > 'data/a/100% + &=#?.txt'
echo deep > "data/with space/日本 🎉/it's \\"quoted\\""
head -c 20000000 /dev/urandom > data/a/large
touch data/a/nothing
for i in $(seq 200); do echo $i > data/with\\ space/$i; done`;

/** Of a file that is uploaded in twelve parts. */
const large = 96 << 20;

type Settings = Readonly<Record<string, string>>;

function configuration(name: string, auth: Settings): string {
  const lines = Object.entries(auth).map(([key, value]) => `${key} = ${value}\n`);
  return `[store]\nname = ${name}\ncache = 3600\nmetadata_cache = 1\n[auth]\n${lines.join('')}`;
}

for (const service of ['s3', 'webdav'] as const) {
  const server = service === 's3' ? 'ceph-radosgw' : 'apache-dav';
  const skip = withoutFuse || notInstalled(server, 'rclone');
  describe(`the command over ${server}`, { skip, timeout: 300_000 }, () => {
    let cli: CommandLine;
    let s3: S3Server | undefined;
    let dav: ApacheServer | undefined;
    let rclone: RcloneClient;
    const shell = (script: string): Promise<string> => runShell(script, cli.directory);

    before(async () => {
      if (service === 's3') s3 = await startCephRadosgw();
      else dav = await startApacheDav({ tls: true });
      rclone = await RcloneClient.make(
        s3 !== undefined ? { kind: 's3', ...s3 } : { kind: 'webdav', ...(dav as ApacheServer) },
        s3 !== undefined ? {} : { certificate: (dav as ApacheServer).certificate },
      );
    });
    after(async () => {
      await rclone[Symbol.asyncDispose]();
      await (s3 ?? dav)?.stop();
    });
    beforeEach(async () => {
      cli = await CommandLine.make();
    });
    afterEach(() => cli[Symbol.asyncDispose]());

    function settings(): Settings {
      if (s3 !== undefined)
        return { id: s3.accessKey, secret: s3.secretKey, endpoint: s3.endpoint, bucket_name: 'mounted' };
      const { url, user, password, certificate } = dav as ApacheServer;
      return { url: `${url}mounted`, user, password, ca_file: certificate };
    }

    const configure = (changes: Settings = {}): Promise<void> =>
      writeFile(
        join(cli.directory, 'files.ini'),
        configuration(service === 's3' ? 'amazon s3' : 'webdav', { ...settings(), ...changes }),
      );

    it('keeps what programs write, and shows what others write', async () => {
      await configure();
      await cli.ok('mount', '--config', 'files.ini', 'mnt');
      await shell(`mkdir made; cd made; ${tree}`);
      await shell('cp -r made/data/. mnt/data/');
      assert.equal(await cli.ok('sync', 'mnt'), 'Everything is uploaded.\n');
      assert.match(await cli.ok('status', 'mnt'), /requests to the service:\n( {2}.*\n)* {2}\d+ (PUT|PutObject), /);
      const found = await rclone.list('mounted', { recursive: true });
      const kept = found.filter(({ kind }) => kind === 'file').map(({ path, size }) => `${size} ${path}\n`);
      assert.equal(
        kept.sort().join(''),
        (await shell("cd made/data; find . -type f -printf '%s %P\\n'"))
          .split(/(?<=\n)/)
          .sort()
          .join(''),
      );
      await cli.ok('stop', 'mnt');
      await shell('rm -rf .cache');
      await cli.ok('mount', '--config', 'files.ini', 'mnt');
      await shell('diff -r made/data mnt/data');
      await shell(
        'mv "mnt/data/with space" mnt/data/moved; rm mnt/data/a/large; echo more >> "mnt/data/a/100% + &=#?.txt"',
      );
      await cli.ok('sync', 'mnt');
      assert.equal((await rclone.cat('mounted/a/100% + &=#?.txt')).toString(), 'hello\nmore\n');
      assert.equal((await rclone.list('mounted/moved')).length, 201);
      await cli.ok('stop', 'mnt');
    });

    it('goes on with a large upload after a kill, and sends of a change what changed', {
      skip: service !== 's3' && 'only S3 and Nextcloud can',
    }, async () => {
      const target = Number(new URL(settings()['endpoint'] ?? '').port);
      await using proxy = await FlakyProxy.start(target);
      await configure({ endpoint: proxy.url(settings()['endpoint'] ?? '') });
      await cli.ok('mount', '--config', 'files.ini', 'mnt');
      await shell(`head -c ${large} /dev/urandom > made; cp made mnt/data/large`);
      const sending = cli.run(['sync', 'mnt']);
      while (proxy.bytes.up < large / 2) await sleep(1);
      proxy.goOffline();
      process.kill(await cli.daemon(), 'SIGKILL');
      await Promise.all([sending, cli.gone()]);
      proxy.goOnline();
      const before = proxy.bytes.up;
      await cli.ok('mount', '--config', 'files.ini', 'mnt');
      await cli.ok('sync', 'mnt');
      const sent = proxy.bytes.up - before;
      assert.ok(sent < 0.9 * large, `${sent} of ${large} bytes were sent again`);
      const whole = proxy.bytes.up;
      await shell('echo more >> made; echo more >> mnt/data/large');
      await cli.ok('sync', 'mnt');
      assert.ok(proxy.bytes.up - whole < 20e6, `${proxy.bytes.up - whole} bytes were sent for five`);
      await cli.ok('stop', 'mnt');
      await shell('rm -rf .cache');
      await cli.ok('mount', '--config', 'files.ini', 'mnt');
      await shell('cmp made mnt/data/large; rm mnt/data/large');
      await cli.ok('stop', '--wait', 'mnt');
    });

    it('refuses what is wrong, with one line that says what to change', async () => {
      const wrong: [changes: Settings, complaint: RegExp][] =
        s3 !== undefined
          ? [
              [{ id: 'AKNOBODY00000' }, /access key.*\bid\b/i],
              [{ secret: 'wrongsecret' }, /secret/i],
              [{ endpoint: 'http://127.0.0.1:9' }, /127\.0\.0\.1:9.*refuses connections/],
              [{ bucket_name: 'Not_A Bucket' }, /bucket/i],
              [{ id: s3.other.accessKey, secret: s3.other.secretKey, bucket_name: 'mounted' }, /rights to the bucket/],
            ]
          : [
              [{ password: 'wrong' }, /password/],
              [{ user: 'nobody' }, /user/],
              [{ url: 'https://127.0.0.1:9/' }, /127\.0\.0\.1:9.*refuses connections/],
              [{ ca_file: '' }, /certificate.*ca_file/],
            ];
      for (const [changes, complaint] of wrong) {
        await configure(changes);
        const said = await cli.fails(6, 'mount', '--config', 'files.ini', 'mnt');
        assert.match(said, complaint);
        assert.equal(said.trim().split('\n').length, 1, said);
        for (const secret of ['wrongsecret', settings()['secret'], settings()['password']])
          if (secret !== undefined) assert.ok(!said.includes(secret), 'a secret is told');
        assert.ok(!existsSync(join(cli.directory, '.cache/cloudfusion')), 'something was cached');
      }
    });
  });
}
