import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

describe('a mount whose service hangs', { skip: withoutFuse, timeout: 120_000 }, () => {
  let mounted: Mounted;
  const shell = (script: string): Promise<string> => runShell(script, mounted.data);

  beforeEach(async () => {
    mounted = await mountStore({ uploadDelay: 3_600_000, metadataTime: 100 });
    await runShell(
      'mkdir -p store/known store/other && echo remote > store/known/cold && echo x > store/other/x',
      mounted.directory,
    );
    await shell('ls known other && echo cached > known/warm && mkdir known/d');
    await mounted.drain();
    // Longer than listings are believed.
    await shell('sleep 0.2');
    await mounted.daemon.ask('pause');
  });
  afterEach(async () => {
    await mounted.daemon.ask('resume');
    await mounted[Symbol.asyncDispose]();
  });

  /** Starts a program on what must be fetched, sends it a signal when it waits for that, and answers how it ended. */
  async function interrupt(program: string, parameters: readonly string[], signal: NodeJS.Signals): Promise<unknown> {
    const child = spawn(program, parameters, { cwd: '/', stdio: 'ignore' });
    const exited = once(child, 'exit');
    await mounted.daemon.ask('held');
    // The fetch may be on its way before the program sleeps in its call; a signal ends it wherever it is.
    child.kill(signal);
    return (await exited)[1];
  }

  it('lists, finds and reads what is cached, and takes changes', async () => {
    const said =
      await shell(`ls known; stat -c %s known/warm known/cold; cat known/warm; ls other; test ! -e known/missing
      echo new > known/new; mv known/new known/newer; rmdir known/d; sync known/newer; cat known/newer; ls known`);
    assert.equal(said, 'cold\nd\nwarm\n7\n7\ncached\nx\nnew\ncold\nnewer\nwarm\n');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const)
    it(`lets go of who reads what is not here: ${signal}`, async () => {
      assert.equal(await interrupt('cat', [join(mounted.data, 'known/cold')], signal), signal);
      assert.equal(await shell('cat known/warm'), 'cached\n');
      await mounted.daemon.ask('resume');
      assert.equal(await shell('cat known/cold'), 'remote\n');
      await mounted.daemon.ask('pause');
      assert.deepEqual(await mounted.errors(), []);
    });

  it('tells the space without waiting for it', async () => {
    assert.match(await shell('df --output=avail . | tail -n 1'), /^\s*\d+\n$/);
  });

  it('lets go of who lists what was never listed, and of who looks for a name in it', async () => {
    await mounted.daemon.ask('resume');
    await writeFile(join(mounted.storeDirectory, 'other/y'), 'y');
    await runShell('mkdir -p store/new/deep && echo z > store/new/deep/z', mounted.directory);
    await shell('sleep 0.2; until test -e new; do sleep 0.05; done');
    await mounted.daemon.ask('pause');
    assert.equal(await interrupt('ls', [join(mounted.data, 'new')], 'SIGINT'), 'SIGINT');
    assert.equal(await interrupt('cat', [join(mounted.data, 'new/deep/z')], 'SIGINT'), 'SIGINT');
    await mounted.daemon.ask('resume');
    assert.equal(await shell('cat new/deep/z'), 'z\n');
    await mounted.daemon.ask('pause');
  });
});

describe('a mount whose cache is full while its service hangs', { skip: withoutFuse, timeout: 120_000 }, () => {
  it('lets go of who writes, and keeps what was written', async () => {
    await using mounted = await mountStore({ passthrough: false, maxBytes: 100_000, hardMaxBytes: 2_000_000 });
    await runShell('ls', mounted.data);
    await mounted.daemon.ask('pause');
    const writer = spawn('dd', ['if=/dev/zero', `of=${join(mounted.data, 'a')}`, 'bs=100000', 'count=100'], {
      cwd: '/',
      stdio: 'ignore',
    });
    const exited = once(writer, 'exit');
    await runShell('until test "$(stat -c %s a 2> /dev/null)" = 2000000; do sleep 0.05; done', mounted.data);
    writer.kill('SIGINT');
    assert.equal((await exited)[1], 'SIGINT');
    await mounted.daemon.ask('resume');
    assert.equal(await runShell('stat -c %s a', mounted.data), '2000000\n');
    await mounted.drain();
    assert.deepEqual(await mounted.errors(), []);
  });
});
