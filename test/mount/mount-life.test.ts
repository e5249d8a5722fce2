import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isDeadMount, isMounted } from '../../src/fuse/mount-table.ts';
import { unmountPath } from '../../src/fuse/unmount.ts';
import { cannotMount, isInstalled, makeMountPoint, removeMountPoint, until, WireMount } from './wire-mount.ts';

const timeout = 60_000;
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];

/** Why the way of users who are not root cannot be tried, or false. */
function cannotBeNobody(): string | false {
  if (cannotMount !== false) return cannotMount;
  if (process.getuid?.() !== 0) return 'not root: every other test goes this way';
  if (!isInstalled('fusermount3')) return 'fusermount3 is missing (Debian package fuse3)';
  if (!isInstalled('setpriv')) return 'setpriv is missing (Debian package util-linux)';
  if (!nobodyMay('-r', new URL(import.meta.url).pathname)) return 'nobody may not read this checkout';
  if (!nobodyMay('-x', tmpdir())) return 'nobody may not enter the folder for temporary files';
  if (!nobodyMay('-w', '/dev/fuse')) return 'nobody may not open /dev/fuse, which udev would allow';
  return false;
}

function nobodyMay(access: '-r' | '-w' | '-x', path: string): boolean {
  return spawnSync('env', [...nobody, 'test', access, path]).status === 0;
}

interface Way {
  readonly name: string;
  readonly prefix: readonly string[];
  readonly skip: string | false;
}

const ways: readonly Way[] = [
  { name: 'by oneself', prefix: [], skip: cannotMount },
  { name: 'as nobody, by fusermount3', prefix: nobody, skip: cannotBeNobody() },
];

for (const { name, prefix, skip } of ways) {
  describe(`a mount made ${name}`, { skip, timeout }, () => {
    let mountPoint: string;
    let mount: WireMount;

    beforeEach(async () => {
      mountPoint = await makeMountPoint();
      mount = await WireMount.start(mountPoint, prefix).catch(async (error: unknown) => {
        await removeMountPoint(mountPoint);
        throw error;
      });
    });
    afterEach(() => mount.remove());

    /** Runs a script as the user who mounted. */
    const asOwner = (script: string): Promise<{ status: number; stdout: string }> =>
      mount.shell(`exec ${prefix.join(' ')} sh -c '${script}'`);

    /** A process of the owner that opened a file, says so, and goes on with its script when it gets a line. */
    const useFile = async (script: string): Promise<ChildProcessWithoutNullStreams> => {
      await mount.tell('put', 'plain', 'plain');
      const environment = { ...process.env, MOUNT: mountPoint };
      const user = spawn('env', [...prefix, 'sh', '-c', script], { env: environment, cwd: '/' });
      await once(user.stdout, 'data');
      return user;
    };

    it('serves its owner', async () => {
      const { stdout } = await asOwner('echo hello > "$MOUNT/a" && cat "$MOUNT/a"');
      assert.equal(stdout, 'hello\n');
    });

    it('is unmounted, and its process ends by itself', async () => {
      await mount.tell('unmount');
      assert.equal(await mount.tell('stopped'), true);
      assert.equal(await isMounted(mountPoint), false);
      const exited = once(mount.process, 'exit');
      mount.process.stdin?.end();
      assert.deepEqual(await exited, [0, null]);
    });

    it('is gone soon after its process was killed', async () => {
      await mount.kill();
      await until(async () => !(await isMounted(mountPoint)));
    });

    it('ends when somebody else unmounts it', async () => {
      await asOwner(prefix.length === 0 ? 'umount "$MOUNT"' : 'fusermount3 -u "$MOUNT"');
      await mount.tell('finished');
      assert.equal(await mount.tell('stopped'), true);
      await mount.tell('unmount');
    });

    it('is not unmounted while it is in use, unless by force', async () => {
      const user = await useFile('exec 3< "$MOUNT"/plain && echo open && read line && cat <&3');
      await assert.rejects(mount.tell('unmount'), /^Error: Busy$/);
      assert.equal(await isMounted(mountPoint), true);
      await mount.tell('force');
      assert.equal(await isMounted(mountPoint), false);
      assert.equal(await mount.tell('stopped'), true);
      const exited = once(user, 'exit');
      user.stdin.end('go on\n');
      assert.notEqual((await exited)[0], 0);
    });

    it('serves those who are in it after a lazy unmount, then ends', async () => {
      const user = await useFile('exec 3< "$MOUNT"/plain && echo open && read line && cat <&3 | wc -c');
      await mount.tell('lazy');
      assert.equal(await isMounted(mountPoint), false);
      assert.equal(await mount.tell('stopped'), false);
      user.stdin.end('go on\n');
      assert.equal(String((await once(user.stdout, 'data'))[0]).trim(), '5');
      await mount.tell('finished');
    });

    it('is not mounted upon', async () => {
      await assert.rejects(WireMount.start(mountPoint, prefix), /^Error: AlreadyMounted$/);
    });

    it('whose guard died too is known to be dead, and can be taken away', async () => {
      const { pid } = mount.process;
      const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
      assert.equal(children.length, 1);
      process.kill(Number(children[0]), 'SIGKILL');
      assert.equal(await isDeadMount(mountPoint), false);
      await mount.kill();
      assert.equal(await isMounted(mountPoint), true);
      if (prefix.length === 0) {
        assert.equal(await isDeadMount(mountPoint), true);
        await assert.rejects(WireMount.start(mountPoint), /^Error: DeadMount$/);
      }
      await unmountPath(mountPoint);
      assert.equal(await isMounted(mountPoint), false);
    });
  });
}

describe('a mount that cannot be made', { skip: cannotBeNobody(), timeout }, () => {
  let mountPoint: string;
  beforeEach(async () => {
    mountPoint = await makeMountPoint();
  });
  afterEach(() => removeMountPoint(mountPoint));

  it('for want of fusermount3 says so', async () => {
    await assert.rejects(WireMount.start(mountPoint, [...nobody, 'env', 'PATH=/nowhere']), /^Error: NoHelper$/);
    assert.equal(await isMounted(mountPoint), false);
  });

  it('because the user may not write there says so', async () => {
    await chmod(mountPoint, 0o755);
    await assert.rejects(WireMount.start(mountPoint, nobody), /^Error: NotPermitted$/);
    assert.equal(await isMounted(mountPoint), false);
  });
});
