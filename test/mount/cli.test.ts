import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { mountAt } from '../../src/fuse/mount-table.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell, tryProgram } from './run-program.ts';

describe('the command', { skip: withoutFuse, timeout: 300_000 }, () => {
  let cli: CommandLine;
  const shell = (script: string): Promise<string> => runShell(script, cli.directory);
  beforeEach(async () => {
    cli = await CommandLine.make();
  });
  afterEach(() => cli[Symbol.asyncDispose]());

  it('mounts in the background, uploads, and stops', async () => {
    await cli.configure('cache = 3600');
    assert.equal(await cli.ok('mount', '--config', 'files.ini', 'mnt'), `Mounted on ${cli.mountPoint}.\n`);
    await shell('echo hello > mnt/data/a; mkdir mnt/data/d; cat mnt/stats/notuploaded');
    assert.match(await cli.ok('status', 'mnt'), /local, mounted .*\n(.*\n)*2 changes to send \(6 B\)/);
    assert.equal(await cli.ok('sync', 'mnt'), 'Everything is uploaded.\n');
    assert.equal(await readFile(join(cli.directory, 'store/a'), 'utf8'), 'hello\n');
    assert.match(await cli.ok('status', 'mnt'), /everything is uploaded/);
    assert.equal(await cli.ok('stop', 'mnt'), 'Stopped; everything is uploaded.\n');
    assert.equal(await mountAt(cli.mountPoint), undefined);
    assert.match(await cli.fails(5, 'status', 'mnt'), /nothing is mounted here/);
  });

  it('keeps what is not uploaded, and goes on with it', async () => {
    await cli.configure('cache = 3600');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    await shell('echo hello > mnt/data/a');
    assert.match(await cli.ok('stop', 'mnt'), /^Stopped; 1 file \(6 B\) waits in the cache/);
    assert.deepEqual(await readdir(join(cli.directory, 'store')), []);
    assert.match(await cli.ok('mount', '--config', 'files.ini', 'mnt'), /Still to be sent from before: 1 change\./);
    assert.equal(await shell('cat mnt/data/a mnt/stats/notuploaded'), 'hello\n/a\n');
    assert.equal(await cli.ok('stop', '--wait', 'mnt'), 'Stopped; everything is uploaded.\n');
    assert.equal(await readFile(join(cli.directory, 'store/a'), 'utf8'), 'hello\n');
  });

  it('says in sync what could not be sent, and why', async () => {
    await cli.configure('cache = 3600');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    await shell('echo 1 > mnt/data/.cloudfusion-uploads; echo 2 > mnt/data/good');
    const complaint = await cli.fails(1, 'sync', 'mnt');
    assert.match(complaint, /1 change could not be sent/);
    assert.match(complaint, /create \/\.cloudfusion-uploads: InvalidPath/);
    assert.equal(await readFile(join(cli.directory, 'store/good'), 'utf8'), '2\n');
    await cli.fails(1, 'stop', '--wait', 'mnt');
    assert.notEqual(await mountAt(cli.mountPoint), undefined);
  });

  it('gives up waiting in time, and the mount goes on', async () => {
    await cli.configure('cache = 3600');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    await shell('ls mnt/data; rm -r store; echo 1 > mnt/data/a');
    assert.match(await cli.fails(1, 'sync', '--timeout', '1', 'mnt'), /not everything was uploaded in time/);
    assert.equal(await shell('cat mnt/data/a'), '1\n');
  });

  it('takes the forms of the original', async () => {
    await cli.configure();
    await cli.ok('--config', 'files.ini', 'mnt', 'log');
    await shell('echo hello > mnt/data/a');
    await cli.ok('mnt', 'stop');
    assert.equal(await mountAt(cli.mountPoint), undefined);
  });

  it('mounts as mount(8) has it done, for reading only', async () => {
    const file = await cli.configure();
    const helper = join(cli.directory, 'mount.cloudfusion');
    await symlink(new URL('../../src/cli/bin.ts', import.meta.url).pathname, helper);
    const home = 'env -u XDG_RUNTIME_DIR -u XDG_CACHE_HOME HOME=$PWD';
    await shell(`mkdir store; echo there > store/a`);
    await shell(`${home} '${process.execPath}' ${helper} ${file} $PWD/mnt -n -o ro,_netdev`);
    assert.equal((await mountAt(cli.mountPoint))?.source, file);
    const write = await tryProgram('touch', ['mnt/data/b'], cli.directory);
    assert.match(write.errors, /Read-only file system/);
    assert.equal(await shell('cat mnt/data/a'), 'there\n');
    assert.equal(await cli.ok('stop', 'mnt'), 'Stopped; everything is uploaded.\n');
  });

  it('mounts without a configuration, and takes it later', async () => {
    await cli.configure('cache = 3600');
    assert.match(await cli.ok('mnt'), /It is not configured/);
    assert.match(await shell('cat mnt/config/config mnt/stats/stats; ls -A mnt/data'), /not configured/);
    assert.match(await cli.fails(1, 'sync', 'mnt'), /not configured/);
    const refused = await tryProgram('cp', ['files.ini', 'mnt/config/config'], cli.directory);
    assert.equal(refused.status, 1);
    assert.match(await shell('cat mnt/stats/errors'), /line 5: "root" must be an absolute path/);
    await shell('sed -i s,./store,$PWD/store, files.ini; cp files.ini mnt/config/config; echo hello > mnt/data/a');
    await shell("sed -i 's/cache = 3600/cache = 0/' mnt/config/config");
    assert.match(await shell('cat mnt/config/config'), /cache = 0\n(.*\n)*password = \*{8}\n/);
    assert.equal(await cli.ok('sync', 'mnt'), 'Everything is uploaded.\n');
    assert.equal(await shell('cat mnt/data/a store/a'), 'hello\nhello\n');
    await shell('rm mnt/config/config');
    await cli.gone();
  });

  it('shows no secret anywhere', async () => {
    await cli.configure('log = debug');
    await writeFile(join(cli.directory, 'bad.ini'), `[auth]\npassword = hunter2\nhunter2\n`);
    await writeFile(join(cli.directory, 'env.ini'), '[store]\nname = onedrive\n[auth]\nsecret = ${SECRET}\n');
    const closed = '[store]\nname = s3\n[auth]\nid = x\nsecret = ${SECRET}\nendpoint = http://127.0.0.1:9\n';
    await writeFile(join(cli.directory, 'closed.ini'), closed);
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    const shown = [await cli.ok('status', '--json', 'mnt'), await shell('cat mnt/config/config mnt/stats/*')];
    for (const [file, status] of [
      ['bad.ini', 3],
      ['env.ini', 3],
      ['closed.ini', 6],
    ] as const) {
      shown.push(await cli.fails(status, 'mount', '--config', file, 'mnt2'));
      shown.push((await tryProgram('cp', [file, 'mnt/config/config'], cli.directory)).errors);
    }
    shown.push(await shell('cat mnt/stats/errors'), await cli.traces());
    assert.match(shown.join(), /expected "key = value"/);
    assert.match(shown.join(), /there is no store called "onedrive"/);
    assert.doesNotMatch(shown.join('\n'), /hunter2/);
  });

  it('refuses what cannot be mounted, in one line and with a status of its own', async () => {
    await cli.configure();
    await mkdir(join(cli.directory, 'full/x'), { recursive: true });
    await mkdir(join(cli.directory, 'store'));
    await writeFile(join(cli.directory, 'file'), '');
    await writeFile(join(cli.directory, 'typo.ini'), '[store]\nname = locl\n');
    await writeFile(join(cli.directory, 'bare.ini'), '[store]\nname = local\n');
    await writeFile(join(cli.directory, 'lost.ini'), '[store]\nname = local\n[auth]\nroot = /nowhere/at/all\n');
    await writeFile(join(cli.directory, 'inside.ini'), '[store]\nname = local\n[auth]\nroot = mnt/data\n');
    const refused: [status: number, args: string[], complaint: RegExp][] = [
      [2, ['mount'], /missing required argument/],
      [2, ['moutn', 'mnt'], /unknown command 'moutn'.*\n.*mount/],
      [2, ['mount', '--log', 'loud', 'mnt'], /Allowed choices are error, warn, info, debug/],
      [2, ['sync', '--timeout', 'soon', 'mnt'], /number of seconds/],
      [3, ['mount', '--config', 'missing.ini', 'mnt'], /there is no such file/],
      [
        3,
        ['mount', '--config', 'typo.ini', 'mnt'],
        /line 2: there is no store called "locl" \(did you mean "local"\?\)/,
      ],
      [3, ['mount', '--config', 'bare.ini', 'mnt'], /needs the key "root"/],
      [6, ['mount', '--config', 'lost.ini', 'mnt'], /the root does not exist/],
      [6, ['mount', '--config', 'inside.ini', 'mnt'], /must not lie in each other/],
      [4, ['mount', '--config', 'files.ini', 'full'], /a mount point is an empty directory/],
      [4, ['mount', '--config', 'files.ini', 'file'], /a mount point is a directory/],
      [4, ['mount', '--config', 'files.ini', 'no/mnt'], /there is no such directory/],
      [5, ['stop', 'full'], /nothing is mounted here/],
      [5, ['status', '/proc'], /not from CloudFusion/],
    ];
    for (const [status, args, complaint] of refused) assert.match(await cli.fails(status, ...args), complaint);
    await assert.rejects(stat(cli.mountPoint), { code: 'ENOENT' }, 'what was made for nothing is removed');
  });

  it('refuses a mount point or a cache that is in use', async () => {
    await cli.configure();
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    assert.match(await cli.fails(4, 'mount', 'mnt'), /something is mounted here already/);
    assert.match(
      await cli.fails(7, 'mount', '--config', 'files.ini', 'mnt2'),
      new RegExp(`process ${await cli.daemon()}`),
    );
    assert.equal(await cli.ok('stop', 'mnt'), 'Stopped; everything is uploaded.\n');
  });

  it('refuses the cache of another account', async () => {
    await cli.configure('cache_id = mine');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    await cli.ok('stop', 'mnt');
    await shell("sed 's/store$/other/' files.ini > other.ini");
    assert.match(await cli.fails(3, 'mount', '--config', 'other.ini', 'mnt'), /belongs to another account or root/);
  });

  it('loses nothing when its process is killed', async () => {
    await cli.configure('cache = 3600');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    await shell('echo hello > mnt/data/a');
    process.kill(await cli.daemon(), 'SIGKILL');
    await cli.gone();
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    assert.equal(await shell('cat mnt/data/a'), 'hello\n');
    await cli.ok('stop', '--wait', 'mnt');
    assert.equal(await readFile(join(cli.directory, 'store/a'), 'utf8'), 'hello\n');
  });

  it('tells of a mount whose process and guard are dead, and cleans it up', async () => {
    await cli.configure();
    for (const cleanUp of [
      async () => assert.match(await cli.ok('stop', 'mnt'), /had died; the mount is removed/),
      async () => {
        const { status, errors } = await cli.run(['mount', '--config', 'files.ini', 'mnt']);
        assert.equal(status, 0, errors);
        assert.match(errors, /removed a mount whose process had died/);
      },
    ]) {
      await cli.ok('mount', '--config', 'files.ini', 'mnt');
      const daemon = await cli.daemon();
      const guards = (await readFile(`/proc/${daemon}/task/${daemon}/children`, 'utf8')).split(' ').filter(Boolean);
      for (const pid of [...guards, daemon]) process.kill(Number(pid), 'SIGKILL');
      assert.match(await cli.fails(5, 'status', 'mnt'), /has died|nothing is mounted/);
      await cleanUp();
    }
    await shell('ls mnt/data');
  });
});
