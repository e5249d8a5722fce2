import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { isDeadMount, isMounted, mountAt, parseMountTable } from './mount-table.ts';

const table = String.raw`22 27 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
36 35 98:0 /mnt1 /mnt\0402\011\134 rw,noatime master:1 propagate_from:2 - ext3 /dev/root\040x rw,errors=continue
40 27 0:39 / /mnt/ü rw,nosuid,nodev,relatime - fuse.cloudfusion s3 rw,user_id=0,group_id=0
41 27 0:40 / /mnt/empty rw - tmpfs  rw
broken line
`;

describe('/proc/PID/mountinfo', () => {
  it('is read with and without optional fields, blanks unescaped', () => {
    assert.deepEqual(
      parseMountTable(table).map(({ path, device, type, source }) => [path, device, type, source]),
      [
        ['/sys', '0:21', 'sysfs', 'sysfs'],
        ['/mnt 2\t\\', '98:0', 'ext3', '/dev/root x'],
        ['/mnt/ü', '0:39', 'fuse.cloudfusion', 's3'],
        ['/mnt/empty', '0:40', 'tmpfs', ''],
      ],
    );
    assert.equal(parseMountTable(table)[1]?.escapedPath, String.raw`/mnt\0402\011\134`);
  });

  it('knows the root, and what is no mount', async () => {
    assert.equal((await mountAt('/proc'))?.type, 'proc');
    assert.equal(await isMounted('/'), true);
    assert.equal(await isMounted('/proc/self'), false);
  });
});

describe('a dead mount', () => {
  it('is neither nothing nor a mount of another kind', async () => {
    assert.equal(await isDeadMount('/nowhere'), false);
    assert.equal(await isDeadMount('/proc'), false);
  });
});

describe('native code', () => {
  it('is not loaded by who imports the mount but mounts nothing', () => {
    const source = `
      await import(${JSON.stringify(new URL('./mount.ts', import.meta.url).href)});
      const loaded = process.report.getReport().sharedObjects.filter((path) => /koffi/.test(path));
      process.stdout.write(JSON.stringify(loaded));
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(stdout, '[]', stderr);
  });
});
