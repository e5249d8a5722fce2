import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell, without } from './run-program.ts';

/** Changes wait for a `drain`, so that what reaches the store in the end is what was left, and not each step on the way. */
const later = { uploadDelay: 3_600_000 };

describe('programs that people use, on a mount', { skip: withoutFuse, timeout: 300_000 }, () => {
  let mounted: Mounted;
  let here: string;
  let outside: string;
  let number = 0;

  before(async () => {
    mounted = await mountStore(later);
  });
  after(async () => {
    try {
      assert.deepEqual(await mounted.errors(), []);
    } finally {
      await mounted[Symbol.asyncDispose]();
    }
  });
  beforeEach(async () => {
    number += 1;
    here = join(mounted.data, `test ${number}`);
    outside = join(mounted.directory, `outside ${number}`);
    for (const path of [here, outside]) await mkdir(path);
  });
  const shell = (script: string): Promise<string> => runShell(`OUTSIDE='${outside}'; ${script}`, here);
  /** What the store has of this test. */
  const stored = (): string => join(mounted.storeDirectory, `test ${number}`);

  for (const mode of ['delete', 'wal'])
    it(`sqlite3 with four writers at a time, journal_mode=${mode}`, { skip: without('sqlite3') }, async () => {
      const said =
        await shell(`sqlite3 a.db 'pragma journal_mode=${mode}; create table t(writer, i, unique(writer, i));' > /dev/null
        for w in 1 2 3 4; do
          { for i in $(seq 25); do printf '.timeout 60000\\nbegin immediate; insert into t values (%d, %d); commit;\\n' $w $i; done | sqlite3 a.db; } &
        done
        for r in $(seq 5); do sqlite3 a.db '.timeout 60000' 'pragma integrity_check;'; done | sort -u
        wait; sqlite3 a.db 'pragma integrity_check; select count(*) from t;'`);
      assert.equal(said, 'ok\nok\n100\n');
      await mounted.drain();
      assert.equal(
        await runShell(`sqlite3 '${stored()}/a.db' 'pragma integrity_check; select count(*) from t;'`, outside),
        'ok\n100\n',
      );
    });

  it('rsync -a there and back, with no difference in content, times or modes', { skip: without('rsync') }, async () => {
    await shell(`cd "$OUTSIDE" && mkdir -p tree/a/b && cp -r /etc/alternatives tree/ && seq 100000 > tree/a/numbers
      touch -d '2001-02-03 04:05:06.789' tree/a/b tree/a/numbers && : > tree/a/empty && chmod 600 tree/a/empty && chmod 755 tree/a/numbers
      ln -s ../numbers tree/a/b/link`);
    await shell('rsync -a "$OUTSIDE"/tree/ tree/ && rsync -a tree/ "$OUTSIDE"/back/');
    assert.equal(await shell('rsync -a --checksum --itemize-changes --dry-run --delete tree/ "$OUTSIDE"/tree/'), '');
    assert.equal(
      await shell('rsync -a --checksum --itemize-changes --dry-run --delete "$OUTSIDE"/back/ "$OUTSIDE"/tree/'),
      '',
    );
    assert.equal(await shell('rsync -a --itemize-changes "$OUTSIDE"/tree/ tree/'), '');
  });

  it('cp -a keeps everything that rsync -a looks at', { skip: without('rsync') }, async () => {
    await shell(`mkdir -p tree/d && seq 1000 > tree/d/f && chmod 4711 tree/d/f && ln -s f tree/d/l && touch -d '1999-12-31 23:59:59' tree/d/f tree/d
      cp -a tree copy`);
    assert.equal(await shell('rsync -a --checksum --itemize-changes --dry-run --delete tree/ copy/'), '');
  });

  it('tar x of 3,000 files', async () => {
    await shell(`cd "$OUTSIDE" && mkdir tree && cd tree && for d in $(seq 30); do mkdir $d; for f in $(seq 100); do echo "$d $f" > $d/$f; done; done
      cd .. && tar cf tree.tar tree`);
    await shell(
      'tar xf "$OUTSIDE"/tree.tar && diff -r tree "$OUTSIDE"/tree && test $(find tree -type f | wc -l) = 3000',
    );
    await mounted.drain();
    await runShell(`diff -r '${stored()}/tree' tree`, outside);
  });

  it('npm install of packed packages', { skip: without('npm') }, async () => {
    for (const [name, main] of [
      ['inner', "module.exports = 'inner'"],
      ['outer', "module.exports = 'outer ' + require('inner')"],
    ] as const) {
      await mkdir(join(here, name));
      await writeFile(join(here, name, 'index.js'), main);
      await writeFile(join(here, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
    }
    const npm = 'npm --offline --no-audit --no-fund --no-update-notifier --loglevel=error --cache="$PWD/.npm-cache"';
    await shell(`mkdir project && ${npm} pack ./inner ./outer > /dev/null && mv ./*.tgz project/ && cd project
      ${npm} init -y > /dev/null && ${npm} install ./inner-1.0.0.tgz ./outer-1.0.0.tgz > /dev/null
      rm -rf node_modules && ${npm} ci > /dev/null && ${npm} ls > /dev/null`);
    assert.equal(await shell(`cd project && node -p "require('outer')"`), 'outer inner\n');
  });

  describe('an editor saves', () => {
    const ways = {
      'by a backup, a new file and a removal (vim)': `mv text text~ && seq 2000 > text && sync text && chmod 640 text && rm text~`,
      'by a temporary file and a rename': 'seq 2000 > .text.swp && sync .text.swp && mv .text.swp text',
      'in place, cut to nothing first': 'seq 2000 > text && sync text',
      'in place, over what was there': `seq 2000 | dd of=text conv=notrunc,fsync status=none && truncate -s "$(seq 2000 | wc -c)" text`,
      'by a copy that is the backup': 'cp -p text text.bak && seq 2000 > text && sync text && rm text.bak',
    };
    for (const [way, script] of Object.entries(ways))
      it(way, async () => {
        await shell('seq 5000 > text');
        await mounted.drain();
        for (let round = 0; round < 3; round++) await shell(script);
        assert.equal(await shell('cmp text <(seq 2000) && ls -A'), 'text\n');
        await mounted.drain();
        assert.deepEqual(await readdir(stored()), ['text']);
        assert.equal(await readFile(join(stored(), 'text'), 'utf8'), await shell('seq 2000'));
      });
  });

  it('dd, du and find agree on what there is', async () => {
    const said = await shell(`for size in 1 4095 4096 100000; do head -c $size /dev/urandom > $size; done
      dd if=100000 of=copy bs=333 status=none && cmp 100000 copy
      dd if=100000 of=part bs=4096 skip=3 count=2 status=none && cmp -n 8192 -i 12288:0 100000 part
      du -b --apparent-size 100000 part | cut -f1; find . -type f -size +4096c -printf '%s %f\\n' | sort`);
    assert.equal(said, '100000\n8192\n100000 100000\n100000 copy\n8192 part\n');
  });
});
