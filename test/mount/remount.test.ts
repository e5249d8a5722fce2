import assert from 'node:assert/strict';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { mountStore, withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

describe('a mount that comes back', { skip: withoutFuse, timeout: 120_000 }, () => {
  const later = { uploadDelay: 3_600_000 };

  it('has the same files with the same numbers, sent or not', async () => {
    await using mounted = await mountStore(later);
    await runShell('mkdir -p a/b && echo sent > a/b/sent', mounted.data);
    await mounted.drain();
    await runShell('echo waiting > a/b/waiting && chmod 600 a/b/sent && mv a c', mounted.data);
    const paths = ['.', 'c', 'c/b', 'c/b/sent', 'c/b/waiting'].map((path) => join(mounted.data, path));
    const numbers = async (): Promise<unknown[]> =>
      Promise.all(paths.map(async (path) => [(await stat(path)).ino, (await stat(path)).mode]));
    const before = await numbers();
    await mounted.stop();
    await mounted.start();
    assert.deepEqual(await numbers(), before);
    assert.equal(await runShell('cat c/b/sent c/b/waiting', mounted.data), 'sent\nwaiting\n');
    await mounted.drain();
    await runShell('diff -r -x .cloudfusion-uploads mount/data store', mounted.directory);
  });

  it('has what was closed when its daemon was killed', async () => {
    await using mounted = await mountStore(later);
    const path = join(mounted.data, 'a');
    await writeFile(path, 'closed');
    const file = await open(join(mounted.data, 'b'), 'w');
    await file.write('synced');
    await file.sync();
    await mounted.crash();
    // The kernel may take it without a daemon; that nobody keeps it is told by the end of the write.
    await assert.rejects(file.write('too late').then(() => file.sync()));
    await file.close().catch(() => undefined);
    await mounted.start();
    assert.equal(await readFile(path, 'utf8'), 'closed');
    assert.match(await readFile(join(mounted.data, 'b'), 'utf8'), /^synced/);
    assert.deepEqual(await mounted.errors(), []);
  });
});
