/** The command over the fake of Google Drive: what programs keep in a mount is there for a second computer, which has a cache of its own. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { trialDrive } from '../fakes/google-drive/trial-drive.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

const limit = { timeout: 120_000 };
const tree = `mkdir -p source/a source/empty 'source/with space/日本 🎉'
echo hello > 'source/a/100% + &=#?.txt'
echo deep > "source/with space/日本 🎉/it's \\"<quoted>\\""
head -c 3000000 /dev/urandom > source/a/large
touch source/a/nothing
for i in $(seq 20); do echo $i > source/with\\ space/$i; done`;
const sums = 'find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2';

describe('the command over Google Drive', { ...limit, skip: withoutFuse }, () => {
  it('keeps a copied folder beside files with one name, and has it again with another cache', limit, async () => {
    await using drive = await trialDrive();
    await using cli = await CommandLine.make();
    const { disk, origin } = drive.fake;
    const kept = drive.make('kept');
    drive.make('twice', 'older', kept.id);
    const second = drive.make('twice', 'newer', kept.id);
    const key = join(cli.directory, 'key.json');
    await writeFile(key, drive.account, { mode: 0o600 });
    const file = join(cli.directory, 'drive.ini');
    const settings = `service_account_file = ${key}\nendpoint = ${origin}\nroot = kept\n`;
    await writeFile(file, `[store]\nname = google drive\ncache = 3600\n[auth]\n${settings}`, { mode: 0o600 });

    await runShell(tree, cli.directory);
    const written = await runShell(sums, join(cli.directory, 'source'));
    await cli.ok('mount', '--config', file, cli.mountPoint);
    assert.equal(await runShell(`cat data/twice 'data/twice (${second.id})'`, cli.mountPoint), 'oldernewer');
    await runShell('cp -r source mnt/data/', cli.directory);
    await cli.ok('sync', cli.mountPoint);
    await cli.ok('stop', cli.mountPoint);

    await rm(join(cli.directory, '.cache'), { recursive: true });
    await cli.ok('mount', '--config', file, cli.mountPoint);
    // Starting a program waits until it is in its directory, and the fake, in this process, could not answer for that.
    assert.equal(await runShell(`cd data/source && ${sums}`, cli.mountPoint), written);
    await runShell("rm data/twice && rmdir data/source/empty && rm -r 'data/source/with space'", cli.mountPoint);
    await runShell('mv data/source/a data/b', cli.mountPoint);
    await cli.ok('sync', cli.mountPoint);
    await cli.ok('stop', cli.mountPoint);

    const store = drive.open({ root: 'kept' });
    const left = (await Array.fromAsync(store.list('/', { recursive: true }))).map(({ path }) => path).sort();
    assert.deepEqual(left, ['/b', '/b/100% + &=#?.txt', '/b/large', '/b/nothing', '/source', '/twice']);
    assert.equal(disk.files.get(second.id)?.name, 'twice');
    await store.close();
  });
});
