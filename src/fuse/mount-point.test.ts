import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MountError, type MountErrorCode } from './mount-error.ts';
import { prepareMountPoint, resolveMountPoint } from './mount-point.ts';
import { unmountPath } from './unmount.ts';

describe('a mount point', () => {
  let folder: string;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'mount-point-')));
    await mkdir(join(folder, 'empty'));
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'file'), '');
    await symlink('empty', join(folder, 'link'));
    await symlink('link', join(folder, 'link-to-link'));
    await symlink('nowhere', join(folder, 'dangling'));
  });
  after(() => rm(folder, { recursive: true }));

  const refused = (path: string, code: MountErrorCode): Promise<void> =>
    assert.rejects(prepareMountPoint(path), (error) => error instanceof MountError && error.code === code);

  it('is an empty directory, absolute and without symbolic links', async () => {
    for (const name of ['empty', 'link', 'link-to-link', 'full/../empty/'])
      assert.equal(await prepareMountPoint(join(folder, name)), join(folder, 'empty'));
  });

  it('is refused for what it is', async () => {
    await refused(join(folder, 'missing'), 'NotFound');
    await refused(join(folder, 'missing', 'too'), 'NotFound');
    await refused(join(folder, 'dangling'), 'NotFound');
    await refused(join(folder, 'full', 'file'), 'NotADirectory');
    await refused(join(folder, 'full', 'file', 'x'), 'NotADirectory');
    await refused(join(folder, 'full'), 'NotEmpty');
    await refused('/proc', 'AlreadyMounted');
    await refused('/', 'AlreadyMounted');
  });

  it('of another mount is not looked into', async () => {
    assert.equal(await resolveMountPoint('/proc'), '/proc');
  });

  it('on which nothing is mounted is unmounted already', async () => {
    await unmountPath(join(folder, 'full'));
    await unmountPath(join(folder, 'empty'), { lazy: true });
  });
});
