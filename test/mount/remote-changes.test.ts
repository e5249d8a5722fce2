import assert from 'node:assert/strict';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { mountStore, withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

const patience = 30_000;

describe('what somebody else changes at the store', { skip: withoutFuse, timeout: 90_000 }, () => {
  it('is seen without opening anything anew, and what is gone has no links any more', async () => {
    await using mounted = await mountStore({ metadataTime: 300 });
    await runShell('echo old > changed; echo x > gone; mkdir -p kept/below; cat changed gone; ls kept', mounted.data);
    await mounted.drain();
    const gone = await open(join(mounted.data, 'gone'));
    assert.equal((await gone.stat()).nlink, 1);
    await writeFile(join(mounted.storeDirectory, 'changed'), 'newer\n');
    await writeFile(join(mounted.storeDirectory, 'new'), 'new\n');
    await rm(join(mounted.storeDirectory, 'gone'));
    await rm(join(mounted.storeDirectory, 'kept'), { recursive: true });
    const see = async (): Promise<string> => runShell('ls; cat changed; cat new || true', mounted.data);
    for (const end = Date.now() + patience; (await see()) !== 'changed\nnew\nnewer\nnew\n'; await sleep(50))
      if (Date.now() > end) assert.equal(await see(), 'changed\nnew\nnewer\nnew\n');
    assert.equal((await gone.stat()).nlink, 0);
    assert.equal(await gone.readFile('utf8'), 'x\n');
    await gone.close();
    assert.deepEqual(await mounted.errors(), []);
  });
});
