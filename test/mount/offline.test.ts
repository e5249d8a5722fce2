import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { until } from '../fakes/cache-trial.ts';
import { Gateway } from '../fakes/http/gateway.ts';
import { WebdavFake } from '../fakes/webdav/webdav-fake.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

describe('the command while its service is away', { skip: withoutFuse, timeout: 200_000 }, () => {
  let cli: CommandLine;
  let fake: WebdavFake;
  let gateway: Gateway;
  const shell = (script: string): Promise<string> => runShell(script, cli.directory);
  const mount = (): Promise<string> => cli.ok('mount', '--config', 'files.ini', 'mnt');

  beforeEach(async () => {
    cli = await CommandLine.make();
    fake = await WebdavFake.start();
    gateway = await Gateway.start(fake.origin);
    const url = gateway.origin + new URL(fake.url).pathname;
    const text = `[store]\nname = webdav\ncache = 0\nmetadata_cache = 1\n[auth]\nurl = ${url}\nuser = anna\npassword = secret\n`;
    await writeFile(join(cli.directory, 'files.ini'), text);
  });
  afterEach(async () => {
    await cli[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
  });

  /** What the service itself has, by path. */
  const stored = (): Record<string, string> =>
    Object.fromEntries(
      [...fake.tree.nodes].flatMap(([path, { bytes }]) => (bytes === undefined ? [] : [[path, bytes.toString()]])),
    );

  it('mounts a cache that it knows, serves it, takes changes, and sends them by itself', async () => {
    await mount();
    await shell('mkdir mnt/data/d && echo cached > mnt/data/d/f && echo old > mnt/data/d/g && ls mnt/data/d');
    await cli.ok('sync', 'mnt');
    await cli.ok('stop', 'mnt');
    await gateway.goAway();
    await mount();
    assert.equal(
      await shell('ls mnt/data mnt/data/d && cat mnt/data/d/f'),
      'mnt/data:\nd\n\nmnt/data/d:\nf\ng\ncached\n',
    );
    await shell('echo new > mnt/data/d/new && mv mnt/data/d/g mnt/data/h && rm mnt/data/d/f && mkdir mnt/data/e');
    assert.equal(await shell('cat mnt/data/d/new mnt/data/h'), 'new\nold\n');
    // Said when the first request has failed for good, which takes some seconds of tries.
    await until(async () => (await cli.ok('status', 'mnt')).includes('cannot be reached'));
    assert.deepEqual(stored(), { '/d/f': 'cached\n', '/d/g': 'old\n' });
    await gateway.comeBack();
    await until(() => stored()['/d/new'] === 'new\n' && stored()['/h'] === 'old\n' && stored()['/d/f'] === undefined);
    await until(() => fake.tree.nodes.has('/e'));
    assert.deepEqual(stored(), { '/d/new': 'new\n', '/h': 'old\n' });
    assert.equal(await shell('ls mnt/data mnt/data/d'), 'mnt/data:\nd\ne\nh\n\nmnt/data/d:\nnew\n');
    await cli.ok('stop', '--wait', 'mnt');
  });

  it('mounts it behind a page for logging in to the network too', async () => {
    await mount();
    await shell('echo cached > mnt/data/f');
    await cli.ok('sync', 'mnt');
    await cli.ok('stop', 'mnt');
    gateway.conduct = (incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    };
    await mount();
    assert.equal(await shell('cat mnt/data/f; echo new > mnt/data/new; ls mnt/data'), 'cached\nf\nnew\n');
    gateway.conduct = (incoming, outgoing) => gateway.pass(incoming, outgoing);
    await until(() => stored()['/new'] === 'new\n');
    await cli.ok('stop', '--wait', 'mnt');
  });

  it('says in one line that a first mount needs the service', async () => {
    await gateway.goAway();
    const said = await cli.fails(6, 'mount', '--config', 'files.ini', 'mnt');
    assert.match(said, /^cloudfusion: webdav list \/: Unavailable: http:\/\/127\.0\.0\.1:\d+ refuses connections.*\n$/);
  });
});
