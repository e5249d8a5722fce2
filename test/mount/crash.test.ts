import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { runsOr, seed } from '../seeded-runs.ts';
import { type CrashState, contentOf, follow } from './crash-steps.ts';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

const writer: string = new URL('crash-writer.ts', import.meta.url).pathname;

describe('a daemon that is killed again and again', { skip: withoutFuse, timeout: 600_000 }, () => {
  it(`loses nothing that was closed, and sends it whole (CLOUDFUSION_SEED=${seed})`, async () => {
    const next = seededRandom(seed);
    const random = (below: number): number => Math.floor(next() * below);
    const state: CrashState = { files: new Map(), uncertain: new Set() };
    await using mounted = await mountStore({ uploadDelay: 20 });
    await mkdir(join(mounted.data, 'work'));
    for (let round = 1; round <= runsOr(6); round++) {
      await writeUntilKilled(mounted, state, random, round);
      await mounted.start();
      await assertFiles(join(mounted.data, 'work'), state);
      await forgetUncertain(mounted, state);
    }
    await mounted.drain();
    await assertFiles(join(mounted.storeDirectory, 'work'), state);
    await runShell('diff -r mount/data store', mounted.directory);
    assert.deepEqual(await mounted.errors(), []);
  });
});

/** Lets a process of its own change files, and kills the daemon in the middle of it. */
async function writeUntilKilled(
  mounted: Mounted,
  state: CrashState,
  random: (below: number) => number,
  round: number,
): Promise<void> {
  const parameters = [writer, join(mounted.data, 'work'), String(random(2 ** 31)), String(round * 1_000_000)];
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await setTimeout(500 + random(1500));
  await mounted.crash();
  await exited;
  follow(state, output.split('\n').slice(0, -1));
}

async function assertFiles(directory: string, { files, uncertain }: CrashState): Promise<void> {
  const found = (await readdir(directory)).filter((name) => !uncertain.has(name));
  const expected = [...files.keys()].filter((name) => !uncertain.has(name));
  assert.deepEqual(found.sort(), expected.sort());
  for (const name of expected) {
    const { version, size } = files.get(name) as { version: number; size: number };
    assert.ok(
      contentOf(version, size).equals(await readFile(join(directory, name))),
      `${name} is not version ${version}`,
    );
  }
}

/** What was being changed may be old, new, or half written; it is removed, so that all that is left is known again. */
async function forgetUncertain(mounted: Mounted, { files, uncertain }: CrashState): Promise<void> {
  for (const name of uncertain) {
    await runShell(`rm -f -- '${name}'`, join(mounted.data, 'work'));
    files.delete(name);
  }
  uncertain.clear();
}
