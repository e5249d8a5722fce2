import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { isMounted } from '../../src/fuse/mount-table.ts';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell, tryProgram, without } from './run-program.ts';

describe('the control files of a mount', { skip: withoutFuse, timeout: 120_000 }, () => {
  let mounted: Mounted;
  const shell = (script: string): Promise<string> => runShell(script, mounted.mountPoint);
  const configured = async (): Promise<string[]> => (await mounted.daemon.ask('configured')) as string[];

  before(async () => {
    mounted = await mountStore({ unconfigured: true });
  });
  after(() => mounted[Symbol.asyncDispose]());

  it('show an empty data directory that nobody can write', async () => {
    assert.deepEqual(await readdir(mounted.data), []);
    const { errors } = await tryProgram('touch', ['data/a'], mounted.mountPoint);
    assert.match(errors, /Permission denied/);
    assert.match(await shell('df -P . | tail -1'), / 0 +0 +0 /);
  });

  it('fail the close of a configuration that is refused', async () => {
    const { status, errors } = await tryProgram('cp', ['/dev/null', 'config/config'], mounted.mountPoint);
    assert.equal(status, 0, `an empty copy changes nothing: ${errors}`);
    assert.deepEqual(await configured(), []);
    const refused = await tryProgram(
      'bash',
      ['-c', 'echo wrong > wrong.ini; cp wrong.ini mount/config/config'],
      mounted.directory,
    );
    assert.equal(refused.status, 1);
    assert.match(refused.errors, /Invalid argument/);
    assert.match(await shell('cat stats/errors'), /it is wrong/);
  });

  it('take a configuration from cat and show the store at once', async () => {
    await shell("printf '[store]\\nname = local\\n' > ../good.ini; cat ../good.ini > config/config");
    assert.deepEqual((await configured()).slice(-1), ['[store]\nname = local\n']);
    await shell('cmp ../good.ini config/config; echo hello > data/a; test "$(cat data/a)" = hello');
  });

  it('take a configuration from editors', { skip: without('vim') }, async () => {
    await shell('sed -i s/local/second/ config/config; grep -q second config/config');
    await shell(
      'vim -u NONE -i NONE -n -es -c "set backupcopy=no" -c "%s/second/third/" -c wq config/config; grep -q third config/config',
    );
    await shell(
      'vim -u NONE -i NONE -es -c "set backupcopy=yes" -c "%s/third/fourth/" -c wq config/config; grep -q fourth config/config',
    );
    await shell('echo "# the end" >> config/config; tail -1 config/config | grep -q end');
    await shell(
      'printf "[store]\\nname = fifth\\n" > config/.new; mv config/.new config/config; grep -q fifth config/config',
    );
    const names = (await configured()).map((text) => /name = (\w+)/.exec(text)?.[1]);
    assert.deepEqual(names.slice(-5), ['second', 'third', 'fourth', 'fourth', 'fifth']);
    assert.equal(await shell('ls -A config'), 'config\n');
  });

  it('show whole reports', async () => {
    assert.equal(
      await shell('cat stats/notuploaded; tail -n 1 stats/notuploaded; wc -c < stats/notuploaded'),
      '/a\n/ü\n/ü\n7\n',
    );
    const { errors } = await tryProgram('bash', ['-c', 'echo x > stats/stats'], mounted.mountPoint);
    assert.match(errors, /Permission denied/);
  });

  it('end the mount when the configuration is deleted', async () => {
    await shell('rm config/config');
    assert.ok(await mounted.daemon.waitForExit(30_000));
    assert.equal(await isMounted(mounted.mountPoint), false);
  });
});
