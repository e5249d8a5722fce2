import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { mountAt } from '../../src/fuse/mount-table.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

describe('the command in the foreground', { skip: withoutFuse, timeout: 300_000 }, () => {
  let cli: CommandLine;
  const shell = (script: string): Promise<string> => runShell(script, cli.directory);
  beforeEach(async () => {
    cli = await CommandLine.make();
  });
  afterEach(() => cli[Symbol.asyncDispose]());

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    it(`stops cleanly on ${signal}, and says what waits`, async () => {
      await cli.configure('cache = 3600');
      const mount = await cli.stay(/Mounted on/, 'mount', '-f', '--log', 'info', '--config', 'files.ini', 'mnt');
      await shell('echo hello > mnt/data/a');
      mount.signal(signal);
      assert.equal(await mount.ended(), 0, mount.said);
      assert.match(mount.said, /info mounted on/);
      assert.match(mount.said, /Stopped; 1 file \(6 B\) waits in the cache/);
      assert.equal(await mountAt(cli.mountPoint), undefined);
    });

  it('keeps its heap small, here and in the background', async () => {
    await cli.configure();
    const served = (how: string): Promise<string> => shell(`pgrep -af '${how} .*${cli.directory}|${how}.* mnt$'`);
    const mount = await cli.stay(/Mounted on/, 'mount', '-f', '--config', 'files.ini', 'mnt');
    const flags = /--max-semi-space-size=4 --heap-growing-percent=20 \S*(main|bin)\.[jt]s /;
    assert.match(await served('mount -f'), flags);
    mount.signal('SIGTERM');
    assert.equal(await mount.ended(), 0, mount.said);
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    assert.match(await served('serve'), flags);
    await cli.ok('stop', 'mnt');
  });

  it('ends at once on the second Ctrl-C, and loses nothing either', async () => {
    await cli.configure('cache = 3600');
    const mount = await cli.stay(/Mounted on/, 'mount', '-f', '--config', 'files.ini', 'mnt');
    await shell('echo hello > mnt/data/a');
    // Somebody who is inside delays the stop.
    const inside = spawn('sleep', ['120'], { cwd: join(cli.mountPoint, 'data') });
    await once(inside, 'spawn');
    mount.signal('SIGINT');
    await mount.waitFor(/Press Ctrl-C again/);
    mount.signal('SIGINT');
    assert.equal(await mount.ended(), 130);
    inside.kill('SIGKILL');
    await cli.gone();
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    assert.equal(await shell('cat mnt/data/a'), 'hello\n');
  });

  it('is not stopped while somebody is inside, unless by force', async () => {
    await cli.configure();
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    const inside = spawn('sleep', ['120'], { cwd: join(cli.mountPoint, 'data') });
    await once(inside, 'spawn');
    const complaint = await cli.fails(8, 'stop', 'mnt');
    assert.ok(complaint.includes(`in use by sleep (process ${inside.pid}: ${cli.mountPoint}/data)`), complaint);
    await shell('echo hello > mnt/data/goes-on');
    assert.match(await cli.ok('stop', '--force', 'mnt'), /Programs had files open in it/);
    assert.equal(inside.exitCode, null);
    inside.kill('SIGKILL');
    assert.equal(await mountAt(cli.mountPoint), undefined);
  });

  it('ends when somebody else unmounts', async () => {
    await cli.configure();
    const mount = await cli.stay(/Mounted on/, 'mount', '-f', '--config', 'files.ini', 'mnt');
    await shell('echo hello > mnt/data/a; umount mnt || fusermount3 -u mnt');
    assert.equal(await mount.ended(), 0, mount.said);
    assert.match(mount.said, /Stopped; 1 file/);
  });

  it('is found by a command with another environment', async () => {
    await cli.configure();
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    const { status, errors } = await cli.run(['stop', 'mnt'], { XDG_RUNTIME_DIR: join(cli.directory, 'elsewhere') });
    assert.equal(status, 0, errors);
  });

  it('writes a profile when it is asked to', async () => {
    await cli.configure('cache_id = mine');
    await cli.ok('--config', 'files.ini', 'mnt', 'profile');
    await cli.ok('stop', 'mnt');
    const files = await readdir(join(cli.directory, '.cache/cloudfusion/mine'));
    assert.equal(files.filter((name) => name.endsWith('.cpuprofile')).length, 1);
  });

  it('can be tried out without a configuration', async () => {
    const start = await cli.stay(/In another terminal: .* status /, 'start');
    assert.equal(start.said.trim().split('\n').length, 3, start.said);
    await shell('echo hello > mnt/data/a');
    await start.waitFor(/1 file to upload \(6 B\)/);
    await cli.ok('sync', 'mnt');
    assert.equal(await shell('cat store/a'), 'hello\n');
    start.signal('SIGINT');
    assert.equal(await start.ended(), 0, start.said);
    assert.match(start.said, /Stopped; everything is uploaded/);
  });
});
