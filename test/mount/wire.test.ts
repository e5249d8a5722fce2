import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { cannotMount, makeMountPoint, until, WireMount } from './wire-mount.ts';

const timeout = 60_000;

describe('a mounted file system', { skip: cannotMount, timeout }, () => {
  let mount: WireMount;

  before(async () => {
    mount = await WireMount.start(await makeMountPoint());
  });
  after(() => mount.remove());

  const say = async (script: string): Promise<string> => {
    const { status, stdout, stderr } = await mount.shell(`cd "$MOUNT" && ${script}`);
    assert.equal(status, 0, `${script}: ${stderr}`);
    return stdout;
  };

  it('is seen in the mount table by its source and type', async () => {
    const table = await say('cat /proc/self/mountinfo');
    const line = table.split('\n').find((text) => text.includes('/wire\\040test-'));
    assert.match(line ?? '', / rw,nosuid,nodev.* - fuse\.cloudfusion wire\\040test rw,.*default_permissions/);
  });

  it('takes files, and gives them back', async () => {
    assert.equal(await say('echo one > a && echo two >> a && cat a'), 'one\ntwo\n');
    assert.equal(await say('mkdir d && mv a d/b && ls && cat d/b'), 'd\nnever\nslow\none\ntwo\n');
    assert.equal(await say('truncate -s 5 d/b && stat -c %s d/b && sync d/b && cat d/b'), '5\none\nt');
    assert.equal(await say('chmod 640 d/b && stat -c %a d/b'), '640\n');
    assert.match(await say('rmdir d 2>&1 || true'), /not empty/);
    assert.equal(await say('rm d/b && rmdir d && ls'), 'never\nslow\n');
  });

  it('keeps times to the microsecond', async () => {
    for (const time of ['2024-02-29 12:34:56.123456000 +0000', '1969-12-31 23:59:58.500000000 +0000']) {
      assert.equal(await say(`touch f && touch -m -d '${time}' f && TZ=UTC stat -c %y f && rm f`), `${time}\n`);
    }
  });

  it('takes large files whole', async () => {
    const sums = await say('head -c 20000003 /dev/urandom | tee big | cksum && cksum < big && rm big');
    const [written, read] = sums.trim().split('\n');
    assert.equal(written, read);
  });

  it('takes names of every kind, and refuses what is not UTF-8 by itself', async () => {
    const names = ['a b', '%2F', '"quoted"', '😀', 'u\u0308', '\u00fc', '...', 'x'.repeat(255)];
    await say(
      `mkdir names && cd names && for name in ${names.map((name) => `'${name}'`).join(' ')}; do : > "$name"; done`,
    );
    assert.deepEqual((await say('ls -A names')).trim().split('\n').sort(), [...names].sort());
    assert.match(await say(`touch "$(printf '\\377')" 2>&1 || true`), /Invalid or incomplete multibyte/);
    assert.match(await say(`touch ${'x'.repeat(256)} 2>&1 || true`), /File name too long/);
    await say('rm -r names');
  });

  it('lists 5,000 names, each once, with and without attributes', async () => {
    await say('mkdir many && cd many && seq -f name-%05.0f 5000 | xargs touch');
    const expected = Array.from({ length: 5000 }, (_, at) => `name-${String(at + 1).padStart(5, '0')}`);
    assert.deepEqual((await say('ls -f many')).trim().split('\n').sort(), ['.', '..', ...expected]);
    const long = (await say('ls -l many')).trim().split('\n').slice(1);
    assert.deepEqual(
      long.map((line) => line.split(' ').at(-1)),
      expected,
    );
    await say('rm -r many');
  });

  it('serves others while a read waits', async () => {
    let over = false;
    const slow = say('cat slow').finally(() => {
      over = true;
    });
    await until(async () => (await mount.tell('waiting')) === 1);
    for (let round = 0; round < 20; round++)
      assert.equal(await say(`echo ${round} > quick && cat quick`), `${round}\n`);
    assert.equal(over, false);
    await mount.tell('hurry');
    assert.equal((await slow).length, 4096);
  });

  it('lets go of who is killed while he waits for a page', async () => {
    await mount.tell('invalidateNode', (await say('stat -c %i slow')).trim());
    const reader = spawn('cat', [`${mount.mountPoint}/slow`], { stdio: 'ignore', cwd: '/' });
    const exited = once(reader, 'exit');
    await until(async () => (await mount.tell('waiting')) === 1);
    reader.kill('SIGKILL');
    assert.equal((await exited)[1], 'SIGKILL');
    await mount.tell('hurry');
    await until(async () => (await mount.tell('waiting')) === 0);
  });

  it('lets go of who is killed while he reads what never comes', async () => {
    const before = Number(await mount.tell('interrupted'));
    for (const [round, signal] of (['SIGINT', 'SIGKILL'] as const).entries()) {
      const reader = spawn('cat', [`${mount.mountPoint}/never`], { stdio: 'ignore', cwd: '/' });
      const exited = once(reader, 'exit');
      await until(async () => (await mount.tell('waiting')) === 1);
      reader.kill(signal);
      assert.equal((await exited)[1], signal);
      await until(async () => (await mount.tell('interrupted')) === before + round + 1);
    }
  });

  it('shows what changed behind its back when it is told', async () => {
    const node = Number(await mount.tell('put', 'remote', 'one'));
    await mount.tell('invalidateEntry', 'remote');
    assert.equal(await say('cat remote'), 'one');
    await mount.tell('put', 'remote', 'two');
    assert.equal(await say('cat remote'), 'one');
    await mount.tell('invalidateNode', node);
    assert.equal(await say('cat remote'), 'two');
    // The kernel may notice another size by itself; it never shows old bytes in the new size.
    await mount.tell('put', 'remote', 'longer');
    assert.match(await say('cat remote'), /^(?:two|longer)$/);
    await mount.tell('invalidateNode', node);
    assert.equal(await say('cat remote'), 'longer');

    const missing = '[ -e new ] && echo there || echo missing';
    assert.equal(await say(missing), 'missing\n');
    await mount.tell('put', 'new', 'new');
    assert.equal(await say(missing), 'missing\n');
    await mount.tell('invalidateEntry', 'new');
    assert.equal(await say(missing), 'there\n');

    const dropped = Number(await mount.tell('drop', 'new'));
    assert.equal(await say(missing), 'there\n');
    await mount.tell('deleteEntry', dropped, 'new');
    assert.equal(await say(missing), 'missing\n');

    await mount.tell('invalidateNode', 999_999);
    await mount.tell('invalidateEntry', 'never seen');
  });

  it('sends notifications while a read of that very file waits', async () => {
    const node = (await say('stat -c %i slow')).trim();
    await mount.tell('invalidateNode', node);
    const slow = say('cat slow');
    await until(async () => (await mount.tell('waiting')) === 1);
    // The kernel waits for the page that is being read; the daemon must not.
    await mount.tell('beginInvalidation', node);
    assert.equal(await say('echo quick > quick && cat quick'), 'quick\n');
    assert.equal(await mount.tell('waiting'), 1);
    await mount.tell('hurry');
    await mount.tell('notified');
    // The page was dropped while it was read: the reader may have asked again.
    const hurrying = setInterval(() => void mount.tell('hurry'), 50);
    assert.equal((await slow).length, 4096);
    clearInterval(hurrying);
  });

  it('made no mistake meanwhile', async () => {
    assert.deepEqual(await mount.tell('errors'), []);
  });
});
