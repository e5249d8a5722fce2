/** `npm run test:live`, with a directory instead of a service. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, afterEach, describe, it } from 'node:test';
import { accountsVariable } from './live/accounts.ts';

const script = new URL('live/run.ts', import.meta.url).pathname;

describe('the tests at real accounts', { timeout: 120_000 }, () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cloudfusion-accounts-'));
    mkdirSync(join(directory, 'root'));
    writeFileSync(join(directory, 'root', 'mine'), 'stays');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function runLive(...names: string[]): Promise<{ status: number; output: string }> {
    const env = { ...process.env, [accountsVariable]: directory, NODE_TEST_CONTEXT: undefined };
    return new Promise((resolve) =>
      execFile(process.execPath, [script, ...names], { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      ),
    );
  }

  const writeAccount = (name: string, root: string): void =>
    writeFileSync(join(directory, `${name}_testing.ini`), `[store]\nname = local\n[auth]\nroot = ${root}\n`);

  it('test each account in a folder that goes, and name those that are missing', async () => {
    writeAccount('Disk', 'root');
    const { status, output } = await runLive('--case', '^write');
    assert.equal(status, 0, output);
    assert.match(output, /Disk: is tested/);
    assert.match(output, /dropbox: NOT TESTED, there is no .*dropbox_testing\.ini/);
    assert.match(output, /under the write-back cache/);
    assert.match(output, /^ℹ pass [1-9]/m);
    assert.deepEqual(readdirSync(join(directory, 'root')), ['mine']);
  });

  it('fail where an account is refused, and say why', async () => {
    writeAccount('Broken', 'nowhere/at/all');
    const { status, output } = await runLive('broken');
    assert.notEqual(status, 0);
    assert.match(output, /nowhere/);
  });

  it('fail where there is no account', async () => {
    const { status, output } = await runLive('dropbox');
    assert.equal(status, 1);
    assert.match(output, /Nothing was tested: no account is called dropbox/);
  });
});
