/** `write_through`: what a program has closed is at the service, and it hears when it is not. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { until } from '../fakes/cache-trial.ts';
import { Gateway } from '../fakes/http/gateway.ts';
import { WebdavFake } from '../fakes/webdav/webdav-fake.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell, tryProgram } from './run-program.ts';

describe('a write-through mount', { skip: withoutFuse, timeout: 120_000 }, () => {
  let cli: CommandLine;
  let fake: WebdavFake;
  let gateway: Gateway;

  beforeEach(async () => {
    cli = await CommandLine.make();
    fake = await WebdavFake.start();
    gateway = await Gateway.start(fake.origin);
    const url = gateway.origin + new URL(fake.url).pathname;
    const store = '[store]\nname = webdav\nwrite_through = true\ncache = 60';
    const text = `${store}\n[auth]\nurl = ${url}\nuser = anna\npassword = secret\n`;
    await writeFile(join(cli.directory, 'files.ini'), text);
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
  });
  afterEach(async () => {
    await cli[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
  });

  const shell = (script: string): Promise<string> => runShell(script, cli.directory);
  const stored = (path: string): string | undefined => fake.tree.nodes.get(path)?.bytes?.toString();

  it('has at the service what a program has closed or synced', async () => {
    await shell('mkdir -p mnt/data/d/e && echo one > mnt/data/d/e/f');
    assert.equal(stored('/d/e/f'), 'one\n');
    await shell('echo two >> mnt/data/d/e/f');
    assert.equal(stored('/d/e/f'), 'one\ntwo\n');
    await shell(
      'exec 3> mnt/data/g; echo three >&3; sync mnt/data/g; kill -9 $(cat .cache/cloudfusion/*/pid); exec 3>&- || true',
    );
    assert.equal(stored('/g'), 'three\n');
  });

  it('tells the program that the service is away, keeps the file, and sends it later', async () => {
    await shell('echo old > mnt/data/f');
    await gateway.goAway();
    const { status, errors } = await tryProgram('cp', ['/etc/hostname', 'mnt/data/f'], cli.directory);
    assert.equal(status, 1);
    assert.match(errors, /Input\/output error|timed out/);
    assert.equal(await shell('cat mnt/data/f'), await shell('cat /etc/hostname'));
    await gateway.comeBack();
    await until(() => stored('/f') !== 'old\n');
    await shell('echo again > mnt/data/f');
    assert.equal(stored('/f'), 'again\n');
  });
});
