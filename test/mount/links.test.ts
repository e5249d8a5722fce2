import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell, tryProgram } from './run-program.ts';

describe('symbolic links on a mount', { skip: withoutFuse, timeout: 200_000 }, () => {
  let mounted: Mounted;
  let here: string;
  let number = 0;

  before(async () => {
    mounted = await mountStore();
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

  it('are made, followed, listed and told apart', async () => {
    await shell('mkdir d && echo text > d/f && ln -s d/f to && ln -s d dir && ln -s nowhere dangling');
    assert.equal(await shell('cat to && ls dir && readlink dangling'), 'text\nf\nnowhere\n');
    assert.equal(await shell('stat -c "%F %s %A" to'), 'symbolic link 3 lrwxrwxrwx\n');
    assert.equal(await shell('find . -type l | sort'), './dangling\n./dir\n./to\n');
    assert.equal((await tryProgram('cat', ['dangling'], here)).status, 1);
    const types = await readdir(here, { withFileTypes: true });
    const links = types.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
    assert.deepEqual(links.toSorted(), ['dangling', 'dir', 'to']);
  });

  it('may go in circles, anywhere, and be 4,095 bytes long', async () => {
    await shell('ln -s b a && ln -s a b && ln -s /etc/hostname absolute && ln -s "ü \'%20" odd');
    assert.match((await tryProgram('cat', ['a'], here)).errors, /Too many levels/);
    assert.equal(await shell('cat absolute'), await shell('cat /etc/hostname'));
    await shell(`ln -s ${'x'.repeat(4095)} long`);
    assert.equal((await readlink(join(here, 'long'))).length, 4095);
    assert.equal(await readlink(join(here, 'odd')), "ü '%20");
    assert.match((await tryProgram('ln', ['-s', 'x'.repeat(4096), 'longer'], here)).errors, /too long/);
    await shell(`ln -s x ${'n'.repeat(244)}`);
    assert.match((await tryProgram('ln', ['-s', 'x', 'n'.repeat(245)], here)).errors, /too long/);
    assert.match((await tryProgram('mv', ['long', 'n'.repeat(250)], here)).errors, /too long/);
  });

  it('are renamed, replaced, removed and linked anew', async () => {
    await shell('echo f > f && ln -s f l && mv l m && ln -sfn g m && mv f m && test "$(cat m)" = f && test ! -L m');
    await shell('ln -s gone l && mv -T l m && test "$(readlink m)" = gone && rm m && test ! -L m');
    await shell('mkdir v1 v2 && ln -s v1 now && ln -s v2 next && mv -T next now && test "$(readlink now)" = v2');
    assert.equal(await shell('ls'), 'now\nv1\nv2\n');
  });

  it('have owners and times of their own', async () => {
    await shell('ln -s nowhere l && touch -h -d "2001-02-03 04:05:06" l && chown -h 12:34 l');
    assert.equal(await shell('stat -c "%Y %u %g" l'), '981173106 12 34\n');
  });

  it('are text files at the store', async () => {
    await shell('ln -s some/where l && rm -f gone && ln -s x gone && rm gone');
    await mounted.drain();
    const stored = join(mounted.storeDirectory, `test ${number}`);
    assert.deepEqual(await readdir(stored), ['l.rclonelink']);
    assert.equal(await readFile(join(stored, 'l.rclonelink'), 'utf8'), 'some/where');
    assert.ok((await lstat(join(stored, 'l.rclonelink'))).isFile());
  });

  it('go through tar, cp -a and rsync, there and back', async () => {
    await shell(
      'mkdir a && cd a && echo f > f && ln -s f l && ln -s . dot && ln -s ../a/f up && mkdir d && ln -s ../f d/l',
    );
    await shell('tar cf a.tar a && mkdir out && tar xf a.tar -C out && diff -r --no-dereference a out/a');
    await shell('cp -a a b && diff -r --no-dereference a b && rsync -a a/ c && diff -r --no-dereference a c');
    assert.equal(await shell('rsync -a --itemize-changes --checksum a/ c'), '');
  });

  it('of hard links there are none, nor devices', async () => {
    await shell('echo f > f');
    assert.match((await tryProgram('ln', ['f', 'g'], here)).errors, /not permitted/);
    assert.match((await tryProgram('mkfifo', ['p'], here)).errors, /not permitted/);
  });
});
