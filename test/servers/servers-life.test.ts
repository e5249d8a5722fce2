/** Proves that servers end when they are stopped, and when the process that started them dies. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { notInstalled, serverNames } from './installed.ts';
import { processesOf } from './processes-of.ts';
import { ServerProcess } from './server-process.ts';
import { startServer } from './start-server.ts';

const modules = new URL('start-server.ts', import.meta.url).href;

for (const name of serverNames)
  describe(name, { skip: notInstalled(name), timeout: 200_000 }, () => {
    it('leaves nothing behind when it is stopped', async () => {
      const server = await startServer[name]();
      assert.notDeepEqual(await processesOf(server.folder), []);
      await server.stop();
      assert.deepEqual(await processesOf(server.folder), []);
      await assert.rejects(access(server.folder), { code: 'ENOENT' });
    });

    it('ends when the process that started it is killed', async () => {
      const temporary = await mkdtemp(join(tmpdir(), 'killed-'));
      const program = `import { startServer } from ${JSON.stringify(modules)};
        console.log((await startServer[${JSON.stringify(name)}]()).folder);`;
      const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [folder] = (await once(createInterface(starter.stdout), 'line')) as [string];
      assert.notDeepEqual(await processesOf(folder), []);
      starter.kill('SIGKILL');
      while ((await processesOf(folder)).length > 0) await delay(50);
      await rm(temporary, { recursive: true });
    });
  });

describe('the process of a server', { timeout: 30_000 }, () => {
  const start = (command: string, ...args: string[]): ServerProcess =>
    new ServerProcess(command, args, { cwd: tmpdir(), log: '/dev/null' });

  it('that ends before it is ready is a failure, which says how it ended', async () => {
    await assert.rejects(start('sh', '-c', 'exit 7').listening(1), /^Error: sh ended with exit status 7/);
    await assert.rejects(start('/nowhere').listening(1), /ended with exit status 127/);
  });

  it('may have ended when it is stopped', async () => {
    const process = start('true');
    await assert.rejects(process.listening(1), /ended with exit status 0/);
    await process.stop();
  });
});
