/** Links, modes, times and attributes that one computer makes, as another one and rclone see them, over a server that nobody here wrote. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { CommandLine } from '../mount/command-line.ts';
import { withoutFuse } from '../mount/mounted.ts';
import { runShell, without } from '../mount/run-program.ts';
import { startCephRadosgw } from './ceph-radosgw.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import { notInstalled } from './installed.ts';
import type { S3Server } from './s3-server.ts';

const bucket = 'shared-metadata';

/** Makes a tree of what a plain file is not. */
const makeTree = `mkdir d && printf '#!/bin/sh\\necho ran\\n' > d/script && chmod 750 d/script && touch -d 2001-02-03T04:05:06 d/script
setfattr -n user.comment -v 'a comment' d/script
printf secret > private && chmod 600 private && printf x > plain && ln -s d/script link && ln -s nowhere/at/all dangling`;

/** Says what is there: the content is read first, for it brings the rest. */
const tellTree = `cat d/script private plain > /dev/null
stat -c '%n %A %Y' d/script; stat -c '%n %A' private plain
readlink link dangling; ./link; getfattr --only-values -n user.comment d/script`;
const tree = `d/script -rwxr-x--- 981173106
private -rw-------
plain -rw-r--r--
d/script
nowhere/at/all
ran
a comment`;

/** Two runs, because rclone cannot set the metadata of a link; the second one finds the files to be there. */
const rcloneOptions: readonly (readonly string[])[] = [['--metadata', '--exclude', '*.rclonelink'], ['--links']];

const skip = withoutFuse || notInstalled('ceph-radosgw', 'rclone') || without('setfattr');

describe('what a mount keeps beside the content', { skip, timeout: 300_000 }, () => {
  let server: S3Server;
  let rclone: RcloneClient;
  let here: CommandLine;
  let there: CommandLine;

  before(async () => {
    server = await startCephRadosgw();
    rclone = await RcloneClient.make({ kind: 's3', ...server });
  });
  after(async () => {
    await rclone[Symbol.asyncDispose]();
    await server.stop();
  });
  beforeEach(async () => {
    [here, there] = [await mountedComputer(server), await mountedComputer(server)];
  });
  afterEach(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  it('is seen by another computer, and what that changes comes back', async () => {
    await runShell(`mkdir one && cd one && ${makeTree}`, join(here.mountPoint, 'data'));
    await here.ok('sync', 'mnt');
    const [ours, theirs] = [join(here.mountPoint, 'data/one'), join(there.mountPoint, 'data/one')];
    assert.equal(await runShell(tellTree, theirs), tree);
    await runShell('chmod 700 d/script && setfattr -n user.comment -v other d/script && ln -sfn plain link', theirs);
    await there.ok('sync', 'mnt');
    await here.ok('stop', 'mnt');
    await runShell('rm -r .cache', here.directory);
    await here.ok('mount', '--config', 'files.ini', 'mnt');
    const told =
      'cat d/script > /dev/null; stat -c %a d/script; readlink link; getfattr --only-values -n user.comment d/script';
    assert.equal(await runShell(told, ours), '700\nplain\nother');
  });

  it('is read by rclone, and what rclone writes is read', async () => {
    await runShell(`mkdir two && cd two && ${makeTree}`, join(here.mountPoint, 'data'));
    await here.ok('sync', 'mnt');
    const copy = join(here.directory, 'copy');
    await mkdir(copy);
    for (const options of rcloneOptions) await rclone.run('copy', ...options, `remote:${bucket}/two`, copy);
    assert.equal(await runShell(tellTree, copy), tree);
    for (const options of rcloneOptions) await rclone.run('copy', ...options, copy, `remote:${bucket}/three`);
    assert.equal(await runShell(tellTree, join(there.mountPoint, 'data/three')), tree);
  });
});

/** A computer of its own: a home with a cache, and a mount of the bucket. */
async function mountedComputer({ accessKey, secretKey, endpoint }: S3Server): Promise<CommandLine> {
  const computer = await CommandLine.make();
  await writeFile(
    join(computer.directory, 'files.ini'),
    `[store]\nname = amazon s3\ncache = 3600\nmetadata_cache = 1
[auth]\nid = ${accessKey}\nsecret = ${secretKey}\nendpoint = ${endpoint}\nbucket_name = ${bucket}\n`,
  );
  await computer.ok('mount', '--config', 'files.ini', 'mnt');
  return computer;
}
