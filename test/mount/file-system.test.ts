import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runProgram, runShell, tryProgram, without } from './run-program.ts';

describe('programs on a mount', { skip: withoutFuse, timeout: 300_000 }, () => {
  let mounted: Mounted;
  let here: string;
  let number = 0;

  before(async () => {
    mounted = await mountStore();
    await makeTree(join(mounted.directory, 'tree'));
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
    await mkdir(here);
  });
  const shell = (script: string): Promise<string> => runShell(script, here);

  /** Files of many sizes and names, outside of the mount. */
  async function makeTree(path: string): Promise<void> {
    await mkdir(join(path, 'deep/er/still deeper'), { recursive: true });
    const sizes = [0, 1, 4095, 4096, 4097, 131_072, 1_048_577, 3_000_000];
    for (const size of sizes) await writeFile(join(path, `size ${size}`), Buffer.alloc(size, `content of ${size} `));
    const names = ['\u00fc', 'u\u0308', '😀', "quote'", 'percent%20', 'plus+', '..x', 'back\\slash', 'x'.repeat(255)];
    for (const name of names) await writeFile(join(path, 'deep/er', name), name);
    for (let count = 0; count < 200; count++)
      await writeFile(join(path, 'deep/er/still deeper', `${count}`), `${count}`);
  }

  it('cp -r and diff -r', async () => {
    await shell('cp -r ../../../tree copy && diff -r ../../../tree copy && cp -r copy again && diff -r copy again');
  });

  it('cp -p keeps times and modes', async () => {
    await shell('cp ../../../tree/"size 4097" a && touch -d "2001-02-03 04:05:06.5" a && chmod 640 a && cp -p a b');
    assert.equal(await shell('stat -c "%a %.1Y %s" b'), '640 981173106.5 4097\n');
  });

  it('tar', async () => {
    await shell(
      'tar cf tree.tar -C ../../../tree . && mkdir out && tar xf tree.tar -C out && diff -r ../../../tree out',
    );
  });

  it('zip', { skip: without('zip') || without('python3') }, async () => {
    await shell(
      'mkdir deep && cp -r ../../../tree/deep/er/still* deep && zip -qr a.zip deep && echo more > deep/more && zip -qr a.zip deep',
    );
    await shell('python3 -m zipfile -e a.zip out && diff -r deep out/deep');
  });

  it('git', { skip: without('git') }, async () => {
    const identity = '-c user.name=Test -c user.email=test@example.org -c init.defaultBranch=main';
    await shell(`git ${identity} init -q origin && cp -r ../../../tree/deep origin && cd origin
      git ${identity} add -A && git ${identity} commit -qm first && echo more >> deep/er/😀
      git ${identity} commit -qam second && git gc -q`);
    await shell('git clone -q origin clone && cd clone && git fsck --strict && test -z "$(git status --porcelain)"');
    assert.equal(await shell('git -C clone rev-list --count HEAD'), '2\n');
    await shell('rm -rf origin clone && test ! -e clone');
  });

  for (const mode of ['delete', 'truncate', 'wal'])
    it(`sqlite3 with journal_mode=${mode}`, { skip: without('sqlite3') }, async () => {
      const insert =
        'with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select i, hex(randomblob(100)) from n;';
      await shell(`sqlite3 a.db "pragma journal_mode=${mode}; create table t(i integer primary key, x);"
        sqlite3 a.db "begin; ${insert} commit;"; sqlite3 a.db "begin; delete from t; rollback;"
        sqlite3 a.db "update t set x = 'changed' where i % 2;"; sqlite3 a.db "vacuum;"`);
      assert.equal(
        await shell(`sqlite3 a.db "pragma integrity_check; select count(*) from t where x = 'changed'"`),
        'ok\n1000\n',
      );
    });

  it('save by rename, also over an open file', async () => {
    const output = await shell(`echo old > a; exec 3< a; for i in 1 2 3; do echo "new $i" > .a.tmp; mv .a.tmp a; done
      cat a; cat <&3; ls -A; sed -i s/new/newer/ a; cat a`);
    assert.equal(output, 'new 3\nold\na\nnewer 3\n');
  });

  it('mv of files and directories', async () => {
    await shell(`mkdir -p a/b c && echo x > a/b/x && mv a c/ && test ! -e a && grep -q x c/a/b/x
      mv c/a/b . && rmdir c/a && mv b/x y && mv -n y b && test -e b/y && mkdir full && touch full/z`);
    const { status, errors } = await tryProgram('mv', ['-T', 'b', 'full'], here);
    assert.equal(status, 1);
    assert.match(errors, /not empty/);
    const { errors: inside } = await tryProgram('mv', ['b', 'b/c'], here);
    assert.match(inside, /subdirectory of itself|Invalid/);
  });

  it('rm -rf', async () => {
    await shell(
      'mkdir d && cd d && touch $(seq 3000) && test $(ls | wc -l) = 3000 && cd .. && rm -rf d && test ! -e d',
    );
    const { errors } = await tryProgram('rmdir', ['../../data'], here);
    assert.match(errors, /Permission denied|Device or resource busy|not empty/);
  });

  it('truncate, by path and by descriptor', async () => {
    const sizes =
      await shell(`cp ../../../tree/"size 131072" a && truncate -s 5000 a && cmp -n 5000 a ../../../tree/"size 131072"
      truncate -s 10000 a && stat -c %s a && tail -c 5000 a | tr -d '\\0' | wc -c && : > a && stat -c %s a
      python3 -c 'import os; f = open("a", "r+b"); f.write(b"hello world"); f.flush(); os.truncate("a", 5); f.write(b"!"); f.close()'
      od -An -c a | tr -s " "`);
    assert.equal(sizes, '10000\n0\n0\n h e l l o \\0 \\0 \\0 \\0 \\0 \\0 !\n');
  });

  it('append, by several processes at a time', async () => {
    await shell(`for i in 1 2 3 4; do (for j in $(seq 200); do echo "line $i $j" >> a; done) & done; wait
      test $(wc -l < a) = 800 && test $(sort -u a | wc -l) = 800
      dd if=/dev/zero of=b bs=1000 count=10 oflag=append conv=notrunc status=none
      dd if=/dev/zero of=b bs=1000 count=5 oflag=append conv=notrunc status=none && test $(stat -c %s b) = 15000`);
  });

  it('dd in the middle of a file, and with O_DIRECT', async () => {
    await shell(`cp ../../../tree/"size 1048577" a && cp a ../../../expected
      for f in a ../../../expected; do printf XYZ | dd of=$f bs=1 seek=500000 conv=notrunc status=none; done
      cmp a ../../../expected && dd if=a bs=4096 skip=122 iflag=direct status=none | cmp - <(tail -c +499713 ../../../expected)
      dd if=../../../tree/"size 131072" of=b bs=4096 oflag=direct status=none && cmp b ../../../tree/"size 131072"`);
  });

  it('an unlinked file that is still open', async () => {
    assert.equal(
      await shell('exec 3<> a; echo hidden >&3; rm a; test ! -e a; echo more >&3; cat /proc/self/fd/3'),
      'hidden\nmore\n',
    );
  });

  it('O_EXCL: one of many gets the lock', async () => {
    const output = await shell('for i in $(seq 8); do (set -C; : > lock && echo won) 2> /dev/null & done; wait; true');
    assert.equal(output, 'won\n');
  });

  it('flock and sparse files', async () => {
    const output = await shell(`touch l; exec 3> l; flock -n 3; flock -n l true || echo locked
      truncate -s 1M s && printf x | dd of=s bs=1 seek=500000 conv=notrunc status=none
      cp --sparse=always s t && cmp s t; fallocate -l 4096 f && stat -c %s f; fallocate -n -l 8192 f && stat -c %s f`);
    assert.equal(output, 'locked\n4096\n4096\n');
  });

  it('mmap', { skip: without('python3') }, async () => {
    await shell(`truncate -s 20000 a; python3 -c '
import mmap
with open("a", "r+b") as f:
    with mmap.mmap(f.fileno(), 0) as m:
        m[10000:10005] = b"mmap!"
        m.flush()
        assert open("a", "rb").read()[10000:10005] == b"mmap!"
'; test "$(tail -c +10001 a | head -c 5)" = 'mmap!'`);
  });

  it('what is not kept says so', { skip: without('python3') }, async () => {
    const output = await shell(`touch a; python3 -c '
import errno, os, sys
def name(f, *a):
    try: f(*a); return "ok"
    except OSError as e: return errno.errorcode[e.errno]
print(name(os.link, "a", "c"), name(os.mkfifo, "p"), name(os.setxattr, "a", "trusted.x", b"1"),
      name(os.getxattr, "a", "user.x"), os.listxattr("a"), name(os.mkdir, "y" * 256), name(os.rename, "a", "../../stats/a"))
'`);
    assert.equal(output, 'EPERM EPERM ENOTSUP ENODATA [] ENAMETOOLONG EACCES\n');
  });

  it('find, du, df, ls', async () => {
    await shell(`cp -r ../../../tree . && test $(find tree -type f | wc -l) = $(find ../../../tree -type f | wc -l)
      df -P . | tail -1 | awk '{ exit !($2 > 0) }' && ls -laR tree > /dev/null && du -s tree > /dev/null`);
  });

  it('many writers in many files', async () => {
    await shell(`for i in $(seq 4); do (for j in $(seq 100); do head -c 5000 /dev/urandom > "f $i $j"; cp "f $i $j" "g $i $j"; done) & done; wait
      for i in $(seq 4); do for j in $(seq 100); do cmp "f $i $j" "g $i $j"; done; done`);
  });

  it('reads back what another descriptor wrote', async () => {
    const path = join(here, 'shared');
    await writeFile(path, 'one');
    assert.equal(await readFile(path, 'utf8'), 'one');
    await writeFile(path, 'three');
    assert.equal(await readFile(path, 'utf8'), 'three');
    assert.equal((await stat(path)).size, 5);
  });

  it('leaves the store with the same files', async () => {
    await mounted.drain();
    await runProgram(
      'diff',
      ['-r', '-x', '.cloudfusion-uploads', mounted.data, mounted.storeDirectory],
      mounted.directory,
    );
  });
});
