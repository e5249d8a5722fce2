import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type DaemonOptions, type Mounted, mountStore } from './mounted.ts';
import { withoutPassthrough } from './without-passthrough.ts';

const hour = 3_600_000;
const limit = { timeout: 120_000 };

/** Longer than the clock of file times takes for a step. */
const aStep = 30;

/** Mounts, and ends the test with the daemon's unexpected errors. */
async function withMount(settings: Partial<DaemonOptions>, test: (mounted: Mounted) => Promise<void>): Promise<void> {
  await using mounted = await mountStore(settings);
  await test(mounted);
  assert.deepEqual(await mounted.errors(), []);
}

/** The text of an open file. */
async function textOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(20);
}

describe('programs that write past the daemon', { skip: withoutPassthrough, timeout: 600_000 }, () => {
  it('lose nothing when the daemon is killed, whether they closed or not', limit, () =>
    withMount({ uploadDelay: hour }, async (mounted) => {
      await writeFile(join(mounted.data, 'old'), 'the old text');
      await writeFile(join(mounted.data, 'opened'), 'as it is');
      await mounted.drain();
      const old = await open(join(mounted.data, 'old'), 'r+');
      const made = await open(join(mounted.data, 'made'), 'w');
      const opened = await open(join(mounted.data, 'opened'), 'r+');
      await setTimeout(aStep);
      await old.write('THE', 0);
      await made.write('a'.repeat(3_000_000));
      await mounted.crash();
      await mounted.start();
      assert.equal(await readFile(join(mounted.data, 'old'), 'utf8'), 'THE old text');
      await mounted.drain();
      assert.equal(await readFile(join(mounted.storeDirectory, 'old'), 'utf8'), 'THE old text');
      assert.equal(await readFile(join(mounted.storeDirectory, 'made'), 'utf8'), 'a'.repeat(3_000_000));
      for (const file of [old, made, opened]) {
        await assert.rejects(file.sync());
        // It goes either way: whether the daemon is asked at a close depends on how the kernel opened the file.
        await file.close().catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'ENOTCONN'));
      }
    }),
  );

  it('are sent after the delay while they have the file open, and never torn', limit, () =>
    withMount({ uploadDelay: 0 }, async (mounted) => {
      // In turn, a number is written at the beginning of a large file and at its end.
      const size = 12 << 20;
      const program = `
        const file = require('fs').openSync('pairs', 'w+');
        require('fs').writeSync(file, Buffer.alloc(${size}), 0, ${size}, 0);
        const number = Buffer.alloc(4);
        for (let i = 1; i <= 60; i++) {
          number.writeUInt32LE(i);
          require('fs').writeSync(file, number, 0, 4, 0);
          require('fs').writeSync(file, number, 0, 4, ${size - 4});
          if (i % 4 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 + (i * 37) % 150);
        }`;
      const child = spawn(process.execPath, ['-e', program], { cwd: mounted.data, stdio: 'inherit' });
      const exit = once(child, 'exit');
      for (let last = 0; last < 60; ) {
        const bytes = await readFile(join(mounted.storeDirectory, 'pairs')).catch(() => Buffer.alloc(size));
        await setTimeout(5);
        // Sent while it was filled.
        if (bytes.length < size) continue;
        const [first, end] = [bytes.readUInt32LE(0), bytes.readUInt32LE(size - 4)];
        assert.ok(first - end === 0 || first - end === 1, `${first} at the beginning and ${end} at the end`);
        last = end;
      }
      assert.deepEqual(await exit, [0, null]);
    }),
  );

  it('keep the version that they opened when somebody else changes it', limit, () =>
    withMount({ uploadDelay: hour, metadataTime: 100 }, async (mounted) => {
      // Of a small file there is no data file that could be kept.
      const long = (text: string): string => text.padEnd(40_000, '.');
      const [path, theirs] = [join(mounted.data, 'a'), join(mounted.storeDirectory, 'a')];
      await writeFile(path, long('ours'));
      await mounted.drain();
      await using reader = await open(path, 'r');
      await writeFile(theirs, `${long('theirs')}, longer`);
      await until(async () => (await readFile(path, 'utf8')) === `${long('theirs')}, longer`);
      assert.deepEqual([(await textOf(reader)).slice(0, 5), (await reader.stat()).size], ['ours.', 40_000]);
      await using writer = await open(path, 'r+');
      await writeFile(theirs, long('theirs again'));
      await setTimeout(300);
      assert.equal(await readFile(path, 'utf8'), `${long('theirs')}, longer`);
      await writer.write('OURS');
      await writer.close();
      await mounted.drain();
      await until(async () => (await readFile(path, 'utf8')) === long('theirs again'));
      const copy = (await readdir(mounted.data)).find((name) => name.includes('conflicted')) ?? 'no copy';
      assert.equal(
        await readFile(join(mounted.storeDirectory, copy), 'utf8'),
        `OURS${long('theirs').slice(4)}, longer`,
      );
    }),
  );

  it(
    'fill the cache, which then goes back to writes that can be held back, and evicts nothing that is open',
    limit,
    () =>
      withMount({ uploadDelay: hour, maxBytes: 4_000_000, hardMaxBytes: 8_000_000 }, async (mounted) => {
        await writeFile(join(mounted.data, 'open'), 'still here');
        await mounted.drain();
        await using reader = await open(join(mounted.data, 'open'), 'r');
        const writer = await open(join(mounted.data, 'large'), 'w');
        await writer.write(Buffer.alloc(7_000_000));
        await until(async () => {
          const { cachedBytes } = (await mounted.daemon.ask('statistics')) as { cachedBytes: number };
          return cachedBytes >= 7_000_000;
        });
        await writer.close();
        // Goes through the daemon, which makes it wait until there is room again.
        await writeFile(join(mounted.data, 'second'), Buffer.alloc(2_000_000));
        assert.equal((await stat(join(mounted.storeDirectory, 'large'))).size, 7_000_000);
        assert.equal(await textOf(reader), 'still here');
      }),
  );

  it('are found by the cache that is opened next, when the store is configured anew', limit, () =>
    withMount({ uploadDelay: hour }, async (mounted) => {
      const path = join(mounted.data, 'a');
      await writeFile(path, 'first');
      const file = await open(path, 'r+');
      await writeFile(join(mounted.mountPoint, 'config/config'), 'another\n');
      await file.write('other and longer', 0);
      assert.equal(await readFile(path, 'utf8'), 'other and longer');
      await mounted.drain();
      assert.equal(await readFile(join(mounted.storeDirectory, 'a'), 'utf8'), 'other and longer');
      await assert.rejects(file.sync());
      await file.close();
    }),
  );
});
