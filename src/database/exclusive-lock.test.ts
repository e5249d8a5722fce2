import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DirectoryInUseError, ExclusiveLock } from './exclusive-lock.ts';

const limit = { timeout: 60_000 };

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-lock-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Another process that holds the lock until it is killed. */
async function holder(t: TestContext, directory: string): Promise<ChildProcess> {
  const program = `
    import { ExclusiveLock } from ${JSON.stringify(new URL('exclusive-lock.ts', import.meta.url).href)};
    globalThis.lock = new ExclusiveLock(${JSON.stringify(directory)});
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(said.toString(), 'held\n');
  return child;
}

test('a second holder in the same process is refused until the first lets go', (t) => {
  const directory = place(t);
  const lock = new ExclusiveLock(directory);
  const refused = (error: unknown): boolean => error instanceof DirectoryInUseError && error.pid === process.pid;
  assert.throws(() => new ExclusiveLock(directory), refused);
  assert.throws(() => new ExclusiveLock(directory), refused);
  lock.release();
  lock.release();
  new ExclusiveLock(directory).release();
});

test('another process is refused with the pid, and the death of the holder frees it', limit, async (t) => {
  const directory = place(t);
  const child = await holder(t, directory);
  assert.throws(
    () => new ExclusiveLock(directory),
    (error) =>
      error instanceof DirectoryInUseError &&
      error.pid === child.pid &&
      error.message.includes(`process ${child.pid}`) &&
      error.message.includes(directory),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = new ExclusiveLock(directory);
  t.after(() => lock.release());
  assert.throws(() => new ExclusiveLock(directory), { pid: process.pid });
});

test('a lock whose pid cannot be read still holds', (t) => {
  const directory = place(t);
  const lock = new ExclusiveLock(directory);
  t.after(() => lock.release());
  rmSync(join(directory, 'pid'));
  assert.throws(
    () => new ExclusiveLock(directory),
    (error) => error instanceof DirectoryInUseError && error.pid === undefined && /another process/.test(error.message),
  );
});

test('two directories are two locks', (t) => {
  const locks = [new ExclusiveLock(place(t)), new ExclusiveLock(place(t))];
  for (const lock of locks) lock.release();
});

test('a directory that is missing is an error of its own', (t) => {
  const directory = join(place(t), 'missing');
  assert.throws(
    () => new ExclusiveLock(directory),
    (error) => !(error instanceof DirectoryInUseError),
  );
  assert.equal(existsSync(directory), false);
});
