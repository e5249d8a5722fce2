import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { QueueReport } from '../../src/cli/daemon/queue-report.ts';
import { CommandLine } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

describe('the queue of a mount', { skip: withoutFuse, timeout: 120_000 }, () => {
  let cli: CommandLine;
  const shell = (script: string): Promise<string> => runShell(script, cli.directory);
  const stored = async (): Promise<string[]> =>
    (await readdir(join(cli.directory, 'store'))).filter((name) => !name.startsWith('.')).sort();
  beforeEach(async () => {
    cli = await CommandLine.make();
    await cli.configure('cache = 3600');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
  });
  afterEach(() => cli[Symbol.asyncDispose]());

  it('lists what waits, holds, sends first, and sends what was held', async () => {
    assert.equal(await cli.ok('queue', 'mnt'), 'Everything is uploaded.\n');
    await shell('echo 1 > mnt/data/a; echo 2 > mnt/data/b; echo 3 > mnt/data/c; ln -s mnt/data shortcut');
    assert.match(await cli.ok('queue', 'mnt'), /^create \/a \(2 B\): in .*\n(.*\n){2}3 changes to send \(6 B\)\n$/);
    assert.equal(await cli.ok('cancel', 'shortcut/a'), '1 change held until "cloudfusion retry".\n');
    assert.equal(await cli.ok('prioritise', 'mnt/data/b'), '1 change to be sent next.\n');
    assert.match(await cli.fails(1, 'sync', 'mnt'), /\/a: its upload is held/);
    assert.deepEqual(await stored(), ['b', 'c']);
    const { changes, totals, paused } = JSON.parse(await cli.ok('queue', '--json', 'mnt')) as QueueReport;
    assert.deepEqual(
      changes.map(({ path, change, state, size, dueAt }) => ({ path, change, state, size, dueAt })),
      [{ path: '/a', change: 'create', state: 'held', size: 2, dueAt: null }],
    );
    assert.deepEqual([totals.changes, totals.held, paused], [1, 1, null]);
    assert.equal(await shell('cat mnt/data/a mnt/stats/notuploaded'), '1\n/a\n');
    await cli.ok('retry', join(cli.mountPoint, 'data/a'));
    assert.equal(await cli.ok('sync', 'mnt'), 'Everything is uploaded.\n');
    assert.deepEqual(await stored(), ['a', 'b', 'c']);
  });

  it('is paused over a restart, and says so everywhere; what cannot be done is one line', async () => {
    assert.equal(await cli.ok('pause', 'mnt'), 'Uploads are PAUSED until "cloudfusion resume".\n');
    await shell('echo 1 > mnt/data/a');
    await cli.ok('stop', 'mnt');
    await cli.ok('mount', '--config', 'files.ini', 'mnt');
    for (const command of ['status', 'queue']) assert.match(await cli.ok(command, 'mnt'), /PAUSED until "cloudfusion/);
    assert.match(await shell('cat mnt/stats/stats'), /\nuploads are PAUSED\n/);
    assert.match(await cli.fails(1, 'sync', 'mnt'), /uploads are paused/);
    assert.deepEqual(await stored(), []);
    await cli.ok('resume', 'mnt');
    await cli.ok('sync', 'mnt');
    assert.deepEqual(await stored(), ['a']);
    for (const complaint of [
      await cli.fails(5, 'retry', '/nowhere/at/all'),
      await cli.fails(1, 'cancel', 'mnt/data/a'),
      await cli.fails(2, 'cancel', 'mnt/stats/stats'),
    ])
      assert.match(complaint, /^cloudfusion: .+\n$/);
  });
});
