/** What another user of this computer sees of a mount, its cache and its daemon, with the widest umask there is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { socketPathsOf } from '../../src/cli/runtime-directory.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { type ProgramResult, runShell, tryProgram } from './run-program.ts';

const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
const timeout = 120_000;

/** Why nobody cannot look, or false. */
function cannotBeNobody(): string | false {
  if (withoutFuse !== false) return withoutFuse;
  if (process.getuid?.() !== 0) return 'not root';
  const may = (...program: string[]): boolean => spawnSync('setpriv', [...nobody, ...program]).status === 0;
  if (!may('test', '-x', tmpdir())) return 'nobody may not enter the folder for temporary files, or setpriv is missing';
  return may(process.execPath, '--version') ? false : 'nobody may not run this Node';
}

describe('another user', { skip: cannotBeNobody(), timeout }, () => {
  for (const allowOther of [false, true])
    it(allowOther ? 'who may enter sees the files alone' : 'sees nothing unless he was let in', async () => {
      await using cli = await CommandLine.make();
      await mountWidely(cli, allowOther);
      const asNobody = (script: string): Promise<ProgramResult> =>
        tryProgram('setpriv', [...nobody, 'sh', '-c', script], cli.directory);
      const refused = async (script: string, how = /Permission denied|Operation not permitted/): Promise<void> => {
        const { status, errors } = await asNobody(script);
        assert.ok(status !== 0 && how.test(errors), `${script}: ${status} ${errors}`);
      };

      if (allowOther) assert.equal((await asNobody('cat mnt/data/a; ls mnt')).output, 'hello\nconfig\ndata\nstats\n');
      else await refused('ls mnt');
      for (const name of ['config', 'stats']) await refused(`ls mnt/${name}`);
      for (const name of ['config/config', 'stats/stats', 'stats/errors', 'stats/notuploaded'])
        await refused(`cat mnt/${name}`);
      await refused('echo "[store]" > mnt/config/config');
      await refused('rm mnt/config/config');
      await refused('ls .cache/cloudfusion/*/');
      const [socket = ''] = socketPathsOf(cli.mountPoint, { HOME: cli.directory });
      assert.ok((await lstat(socket)).isSocket());
      await refused(
        `'${process.execPath}' -e 'require("net").connect(process.argv[1]).on("error", (e) => { console.error(e.code); process.exit(1) })' ${socket}`,
        /^EACCES$/m,
      );
      assert.deepEqual(await openToOthers(join(cli.directory, '.cache')), []);

      if (allowOther) return;
      const user = new RegExp(`in use by process ${await cli.daemon()}\\b`);
      assert.match(await cli.fails(7, 'mount', '--config', 'files.ini', 'elsewhere'), user);
    });
});

/** A mount that was made with a umask of 000, in a home that others may pass through; it holds a file that was sent and one that waits. */
async function mountWidely(cli: CommandLine, allowOther: boolean): Promise<void> {
  await cli.configure(`cache = 3600\nlog = debug${allowOther ? '\nallow_other = true' : ''}`);
  await chmod(cli.directory, 0o711);
  const before = process.umask(0);
  try {
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
  } finally {
    process.umask(before);
  }
  await runShell('echo hello > mnt/data/a; chmod 644 mnt/data/a', cli.directory);
  await cli.ok('sync', 'mnt');
  await runShell('head -c 100000 /dev/zero > mnt/data/b', cli.directory);
}

/** What is below a directory that others than its owner could read, write or enter, if they came there. */
async function openToOthers(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    if ((mode & 0o077) !== 0) found.push(`${path} ${(mode & 0o777).toString(8)}`);
  }
  return found;
}
