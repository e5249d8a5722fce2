/** The command over the fake of SugarSync: what programs keep in a mount is there for a second computer, which has a cache of its own. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SugarSyncFake } from '../fakes/sugarsync/sugarsync-fake.ts';
import { loginOf } from '../fakes/sugarsync/trial-sugar.ts';
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

describe('the command over SugarSync', { ...limit, skip: withoutFuse }, () => {
  it('keeps a copied folder, and has it again with another cache', limit, async () => {
    const fake = await SugarSyncFake.start();
    await using cli = await CommandLine.make();
    try {
      fake.pageEntries = 7;
      const { accessKeyId: id, privateAccessKey: secret, refreshToken: refresh_token } = loginOf(fake);
      const settings = { id, secret, refresh_token, root: 'Magic Briefcase/files', endpoint: fake.origin };
      const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
      const file = join(cli.directory, 'sugar.ini');
      await writeFile(file, `[store]\nname = SugarSync\ncache = 3600\n[auth]\n${lines.join('')}`, { mode: 0o600 });

      await runShell(tree, cli.directory);
      const written = await runShell(sums, join(cli.directory, 'source'));
      await cli.ok('mount', '--config', file, cli.mountPoint);
      await runShell('cp -r source/. mnt/data/', cli.directory);
      await cli.ok('sync', cli.mountPoint);
      await cli.ok('stop', cli.mountPoint);

      await rm(join(cli.directory, '.cache'), { recursive: true });
      await cli.ok('mount', '--config', file, cli.mountPoint);
      assert.equal(await runShell(sums, join(cli.mountPoint, 'data')), written);
      await runShell("rmdir data/empty && rm -r 'data/with space' && mv data/a data/b", cli.mountPoint);
      await cli.ok('sync', cli.mountPoint);
      await cli.ok('stop', cli.mountPoint);

      const files = [...fake.disk.all.values()].filter(({ parent }) => fake.disk.all.get(parent)?.name === 'b');
      assert.deepEqual(files.map(({ name }) => name).sort(), ['100% + &=#?.txt', 'large', 'nothing']);
      assert.deepEqual(fake.disk.orphans, []);
    } finally {
      await cli[Symbol.asyncDispose]();
      await fake.close();
    }
  });
});
