import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { without } from './run-program.ts';
import { withoutPassthrough } from './without-passthrough.ts';

const hour = 3_600_000;
const withoutPython = without('python3');

for (const passthrough of [true, false]) {
  const skip = passthrough ? withoutPassthrough : withoutFuse;
  describe(`open files ${passthrough ? 'with' : 'without'} passthrough`, { skip, timeout: 300_000 }, () => {
    let mounted: Mounted;
    const path = (name: string): string => join(mounted.data, name);
    const stored = (name: string): Promise<string> => readFile(join(mounted.storeDirectory, name), 'utf8');

    before(async () => {
      mounted = await mountStore({ passthrough, uploadDelay: hour });
    });
    after(async () => {
      try {
        assert.deepEqual(await mounted.errors(), []);
      } finally {
        await mounted[Symbol.asyncDispose]();
      }
    });

    it('are in the mode that was asked for', async () => {
      const { on } = (await mounted.daemon.ask('passthrough')) as { on: boolean };
      assert.equal(on, passthrough);
    });

    it('see what others write and append, with size and time, at once', async () => {
      await using reader = await open(path('a'), 'a+');
      await using writer = await open(path('a'), 'r+');
      await using second = await open(path('a'), 'a');
      await writer.write('first');
      const { mtimeMs } = await stat(path('a'));
      await second.write(' second');
      await reader.appendFile(' third');
      assert.equal(await readFile(path('a'), 'utf8'), 'first second third');
      assert.equal((await reader.stat()).size, 18);
      assert.equal((await stat(path('a'))).size, 18);
      assert.ok((await stat(path('a'))).mtimeMs >= mtimeMs);
      await mounted.drain();
      assert.equal(await stored('a'), 'first second third');
    });

    it('keep the time that was set after the last write', async () => {
      const file = await open(path('times'), 'w');
      await file.write('first');
      await file.utimes(1000, 2000);
      await file.close();
      assert.equal((await stat(path('times'))).mtimeMs, 2_000_000);
      await mounted.drain();
      assert.equal((await stat(join(mounted.storeDirectory, 'times'))).mtimeMs, 2_000_000);
      await utimes(path('times'), 1000, 3000);
      assert.equal((await stat(path('times'))).mtimeMs, 3_000_000);
    });

    it('are cut and lengthened by others', async () => {
      await writeFile(path('cut'), 'much too long');
      await using reader = await open(path('cut'), 'r');
      await using writer = await open(path('cut'), 'r+');
      await truncate(path('cut'), 4);
      assert.equal(await readFile(path('cut'), 'utf8'), 'much');
      await writer.write(' more', 4);
      await writer.truncate(11);
      assert.equal((await reader.read(Buffer.alloc(20), 0, 20, 0)).buffer.toString('utf8', 0, 12), 'much more\0\0\0');
      assert.equal((await stat(path('cut'))).size, 11);
      await writeFile(path('cut'), 'new');
      assert.equal((await reader.read(Buffer.alloc(20), 0, 20, 0)).bytesRead, 3);
      await mounted.drain();
      assert.equal(await stored('cut'), 'new');
    });

    it('live on when they are removed, or another file takes their name', async () => {
      for (const name of ['removed', 'replaced']) await writeFile(path(name), `${name} content`);
      await using removed = await open(path('removed'), 'r+');
      await using replaced = await open(path('replaced'), 'r+');
      await rm(path('removed'));
      await writeFile(path('new'), 'new');
      await rename(path('new'), path('replaced'));
      for (const file of [removed, replaced]) {
        await file.write('RE', 0);
        assert.match(await file.readFile('utf8'), /^(?:RE)?.* content$/);
        assert.equal((await file.stat()).nlink, 0);
      }
      assert.equal(await readFile(path('replaced'), 'utf8'), 'new');
      await mounted.drain();
      assert.equal(await stored('replaced'), 'new');
      await assert.rejects(stored('removed'), { code: 'ENOENT' });
    });

    it('are sent with what was stored through a mapping, before and after an upload', {
      skip: withoutPython,
    }, async () => {
      // Pages that are kept for our mount come to the cache by msync(2), or at the end of the mapping.
      await using program = new MappedFile(mounted.data, !passthrough);
      for (const word of ['one', 'two']) {
        await program.store(word);
        await mounted.drain();
        const text = await stored('mapped');
        assert.deepEqual([text.length, text.slice(0, 3), text.slice(1_500_000, 1_500_003)], [2_000_000, word, word]);
      }
      await program.store('end');
      await program.end();
      await mounted.drain();
      assert.equal((await stored('mapped')).slice(0, 3), 'end');
    });
  });
}

/** A program that maps a file of 2 MB, closes its descriptor, and stores words at two places of the mapping. */
class MappedFile implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(directory: string, synchronizes: boolean) {
    const program = `
import mmap, os, sys
file = os.open('mapped', os.O_RDWR | os.O_CREAT)
os.ftruncate(file, 2_000_000)
memory = mmap.mmap(file, 2_000_000)
os.close(file)
for line in sys.stdin:
    memory[0:3] = memory[1_500_000:1_500_003] = line.strip().encode()
    ${synchronizes ? 'memory.flush()' : 'pass'}
    print('stored', flush=True)`;
    this.#child = spawn('python3', ['-c', program], { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async store(word: string): Promise<void> {
    this.#child.stdin.write(`${word}\n`);
    assert.equal((await this.#lines.next()).value, 'stored');
  }

  async end(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    assert.equal((await exit)[0], 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await once(this.#child, 'exit');
  }
}
