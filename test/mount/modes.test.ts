import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell, tryProgram, without } from './run-program.ts';

const withoutAttributes = without('setfattr');

describe('modes and extended attributes on a mount', { skip: withoutFuse, timeout: 200_000 }, () => {
  /** Runs a test on a mount of its own, and sees that nothing went wrong unseen. */
  async function onMount(test: (mounted: Mounted) => Promise<void>): Promise<void> {
    const mounted = await mountStore({ uploadDelay: 3_600_000 });
    try {
      await test(mounted);
      assert.deepEqual(await mounted.errors(), []);
    } finally {
      await mounted[Symbol.asyncDispose]();
    }
  }

  it('chmod makes a script a program, and a remount keeps it', async () => {
    await onMount(async (mounted) => {
      await runShell(
        'printf "#!/bin/sh\\necho ran\\n" > s && chmod 755 s && test "$(./s)" = ran && chmod 640 s',
        mounted.data,
      );
      assert.match(
        (await tryProgram('./s', [], mounted.data).catch((error: Error) => ({ errors: error.message }))).errors,
        /EACCES|denied/,
      );
      await runShell('chmod 711 s', mounted.data);
      await mounted.stop();
      await mounted.start();
      assert.equal(await runShell('stat -c %a s && ./s', mounted.data), '711\nran\n');
    });
  });

  it('a mode is at the store, and a later cache knows it', async () => {
    await onMount(async (mounted) => {
      await runShell('echo "#!/bin/sh" > s && echo x > plain && chmod 755 s', mounted.data);
      await mounted.drain();
      assert.equal(await runShell('stat -c "%n %a" s plain', mounted.storeDirectory), 's 755\nplain 644\n');
      await runShell('chmod 700 s', mounted.data);
      await mounted.drain();
      assert.equal(await runShell('stat -c %a s', mounted.storeDirectory), '700\n');
      await mounted.stop();
      await runShell('rm -r cache', mounted.directory);
      await mounted.start();
      assert.equal(await runShell('cat s > read && stat -c %a s', mounted.data), '700\n');
    });
  });

  it('cp -a, tar and rsync keep modes, times and links', async () => {
    await onMount(async (mounted) => {
      await mkdir(join(mounted.directory, 'a/d'), { recursive: true });
      await runShell(
        'cd a && for m in 400 600 644 755 777; do echo $m > f$m && chmod $m f$m; done && ln -s f600 l && chmod 700 d && touch -d 2001-02-03T04:05:06 *',
        mounted.directory,
      );
      const differences = 'rsync -a --checksum --delete --itemize-changes --dry-run';
      await runShell(
        `cp -a ../../a copy && tar cf a.tar -C ../../a . && mkdir out && tar xf a.tar -C out && rsync -a ../../a/ synced
         for d in copy out synced; do ${differences} ../../a/ $d/ >> ../../differences; done; rsync -a copy/ ../../back
         ${differences} ../../a/ ../../back/ >> ../../differences; test ! -s ../../differences || { cat ../../differences >&2; false; }`,
        mounted.data,
      );
      await mounted.drain();
    });
  });

  it('extended attributes are set, listed, copied and kept', { skip: withoutAttributes }, async () => {
    await onMount(async (mounted) => {
      await runShell(
        'echo x > f && setfattr -n user.comment -v "a comment" f && setfattr -n user.Odd -v 0x00ff f && mkdir d && setfattr -n user.d -v 1 d',
        mounted.data,
      );
      assert.equal(await runShell('getfattr --only-values -n user.comment f', mounted.data), 'a comment');
      assert.equal(await runShell('getfattr -e hex -n user.Odd f | tail -2', mounted.data), 'user.Odd=0x00ff\n\n');
      assert.equal(await runShell('getfattr --only-values -n user.cloudfusion.state f', mounted.data), 'waiting');
      await runShell('cp -a f g && rsync -aX f ../../out && rsync -aX ../../out h', mounted.data);
      for (const name of ['g', 'h'])
        assert.equal(
          await runShell(`getfattr -d ${name}`, mounted.data),
          `# file: ${name}\nuser.Odd=0sAP8=\nuser.comment="a comment"\n\n`,
        );
      await mounted.stop();
      await mounted.start();
      assert.equal(await runShell('getfattr --only-values -n user.comment f', mounted.data), 'a comment');
      await runShell('setfattr -x user.comment f', mounted.data);
      const gone = await tryProgram('getfattr', ['-n', 'user.comment', 'f'], mounted.data);
      assert.match(gone.errors, /No such attribute/);
      const foreign = await tryProgram('setfattr', ['-n', 'trusted.x', '-v', '1', 'f'], mounted.data);
      assert.match(foreign.errors, /not supported/);
    });
  });

  it('what is too much is refused', { skip: without('python3') }, async () => {
    await onMount(async (mounted) => {
      const output = await runShell(
        `touch a; python3 -c '
import errno, os
def name(f, *a):
    try: f(*a); return "ok"
    except OSError as e: return errno.errorcode[e.errno]
print(name(os.setxattr, "a", "user.x", b"x" * 60000), name(os.setxattr, "a", "user.y", b"x" * 6000),
      name(os.setxattr, "a", "user.z", b"x" * 65537), name(os.setxattr, "a", "user." + "n" * 251, b"x"),
      name(os.setxattr, "a", "user.x", b"", os.XATTR_CREATE), name(os.setxattr, "a", "user.w", b"", os.XATTR_REPLACE),
      name(os.setxattr, "a", "user.cloudfusion.state", b"clean"), name(os.setxattr, "a", "security.x", b"x"))
'`,
        mounted.data,
      );
      assert.equal(output, 'ok ENOSPC E2BIG ERANGE EEXIST ENODATA EPERM ENOTSUP\n');
    });
  });

  it('an access moves the access time, and touch sets it', async () => {
    await onMount(async (mounted) => {
      await runShell(
        'echo x > f && touch -d 2001-02-03T04:05:06 f && test "$(stat -c %X f)" = 981173106',
        mounted.data,
      );
      await runShell('cat f > read && sleep 0.1 && test "$(stat -c %X f)" -gt 981173106', mounted.data);
      assert.equal(await runShell('stat -c %Y f', mounted.data), '981173106\n');
    });
  });
});
