import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { withHeapFlags, withHeapVariables } from './heap-flags.ts';

test('flags that somebody set are left as they are', () => {
  assert.deepEqual(withHeapFlags(['--cpu-prof', '--max-semi-space-size=8']), [
    '--cpu-prof',
    '--max-semi-space-size=8',
    '--heap-growing-percent=20',
  ]);
  assert.equal(withHeapVariables({ MALLOC_ARENA_MAX: '7', HOME: '/h' })['MALLOC_ARENA_MAX'], '7');
});

test('a process begins again once, as the same process, with what it was given', { timeout: 60_000 }, () => {
  const module = new URL('heap-flags.ts', import.meta.url).href;
  const program = `
    import { restartWithHeapFlags } from '${module}';
    console.log(process.pid);
    restartWithHeapFlags();
    const { execArgv, argv, env } = process;
    console.log(JSON.stringify({ execArgv: execArgv.slice(3), argv: argv.slice(1), arenas: env.MALLOC_ARENA_MAX, own: env.OWN }));`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', `--eval=${program}`, 'a b', '--', 'c'],
    { encoding: 'utf8', env: { OWN: 'kept' }, timeout: 50_000 },
  );
  assert.equal(status, 0, stderr);
  const [first, second, told, ...rest] = stdout.trim().split('\n');
  assert.equal(first, second, 'the same process');
  assert.deepEqual(rest, []);
  assert.deepEqual(JSON.parse(told ?? ''), {
    execArgv: ['--max-semi-space-size=4', '--heap-growing-percent=20'],
    argv: ['a b', '--', 'c'],
    arenas: '2',
    own: 'kept',
  });
});
