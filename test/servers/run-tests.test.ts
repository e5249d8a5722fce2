import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

const runner = new URL('run-tests.ts', import.meta.url).href;
const noLimit = 'new AbortController().signal';

describe('running test files', { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'run-tests-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** In a process of its own: node:test does not run tests inside tests. */
  const outcome = async (text: string, signal = noLimit): Promise<unknown> => {
    const file = join(folder, 'a.test.mjs');
    await writeFile(file, `import { test } from 'node:test';\n${text}`);
    const program = join(folder, 'program.mjs');
    await writeFile(
      program,
      `import { runTests } from ${JSON.stringify(runner)};
      console.log(JSON.stringify(await runTests([${JSON.stringify(file)}], 'nowhere', ${signal})));
      process.exit(0);`,
    );
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    const said = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [program], { env }, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
    });
    return JSON.parse(said.trim().split('\n').at(-1) ?? '');
  };

  it('passes when all pass, and tells what was skipped', async () =>
    assert.deepEqual(await outcome(`test('a', () => {}); test('b', { skip: 'no server' }, () => {});`), {
      passed: true,
      skipped: ['b: no server'],
    }));

  it('does not pass when one fails', async () =>
    assert.deepEqual(await outcome(`test('a', () => { throw new Error('bad'); });`), { passed: false, skipped: [] }));

  it('does not pass when a file cannot be loaded', async () =>
    assert.deepEqual(await outcome(`throw new Error('bad');`), { passed: false, skipped: [] }));

  it('does not pass when the time is up', async () =>
    assert.deepEqual(
      await outcome(`test('a', () => new Promise((end) => setTimeout(end, 3e5)));`, 'AbortSignal.timeout(2000)'),
      {
        passed: false,
        skipped: [],
      },
    ));
});
