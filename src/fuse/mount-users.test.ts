import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { usersOfMount, usersText } from './mount-users.ts';

describe('usersOfMount', { timeout: 20_000 }, () => {
  let directory: string;
  before(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'cloudfusion-users-')));
    writeFileSync(join(directory, 'a file'), 'x');
  });
  after(() => rmSync(directory, { recursive: true }));

  it('names processes by their working directory and their open files, and nobody else', async () => {
    assert.deepEqual(await usersOfMount(directory), []);
    const inside = spawn('sleep', ['60'], { cwd: directory });
    const file = openSync(join(directory, 'a file'), 'r');
    const reader = spawn('sleep', ['60'], { cwd: '/', stdio: [file, 'ignore', 'ignore'] });
    closeSync(file);
    try {
      await Promise.all([once(inside, 'spawn'), once(reader, 'spawn')]);
      const users = (await usersOfMount(directory)).sort((a, b) => a.path.length - b.path.length);
      assert.deepEqual(users, [
        { name: 'sleep', pid: inside.pid, path: directory },
        { name: 'sleep', pid: reader.pid, path: join(directory, 'a file') },
      ]);
      assert.deepEqual(await usersOfMount(directory.slice(0, -1)), []);
    } finally {
      inside.kill('SIGKILL');
      reader.kill('SIGKILL');
    }
  });
});

describe('usersText', () => {
  it('names some and counts the rest', () => {
    assert.equal(usersText([]), 'it is in use by processes that you may not see');
    assert.equal(usersText([{ name: 'mount', path: '/m/x' }]), 'it is in use by a mount on /m/x');
    const many = Array.from({ length: 10 }, (_, pid) => ({ name: 'cat', pid, path: '/m/f' }));
    assert.match(usersText(many), /^it is in use by cat \(process 0: \/m\/f\), .* and 2 more$/);
  });
});
