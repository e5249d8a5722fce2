/**
 * A process that writes through the cache is killed at random moments. What it had acknowledged must be there, whole, when the
 * directory is opened again, and in the end the store must have exactly that. `CLOUDFUSION_SEED` replays, `CLOUDFUSION_RUNS`
 * says how often it is killed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type WriteBackCache, withWriteBackCache } from '../src/cache/write-back-cache.ts';
import { seededRandom } from '../src/layers/seeded-random.ts';
import { LocalStore } from '../src/providers/local/local-store.ts';
import { readBytes } from '../src/store/operations.ts';
import { apply, type Files, mayBe, type Step } from './crash/crash-step.ts';
import { runsOr, seed } from './seeded-runs.ts';

const writer = fileURLToPath(new URL('crash/crash-writer.ts', import.meta.url));
const random = seededRandom(seed);
const rounds = runsOr(8);

/** Lets a writer work for a while and kills it; answers the acknowledged steps and the one that was under way. */
async function writeUntilKilled(
  places: readonly string[],
  round: number,
  milliseconds: number,
): Promise<{ done: Step[]; open: Step | undefined }> {
  const child = spawn(process.execPath, [writer, ...places, String(seed), String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exited = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), exited]);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, milliseconds)), exited]);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  assert.equal(signal, 'SIGKILL', 'the writer ended before it was killed');
  const said = output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { what: 'begin' | 'done'; step: Step });
  const done = said.filter(({ what }) => what === 'done').map(({ step }) => step);
  const last = said.at(-1);
  return { done, open: last?.what === 'begin' ? last.step : undefined };
}

/** The files that the cache shows. */
async function filesOf(cache: WriteBackCache): Promise<Files> {
  const files: Files = new Map();
  for await (const entry of cache.list('/', { recursive: true }))
    if (entry.kind === 'file') files.set(entry.path, Buffer.from(await readBytes(cache, entry.path)));
  return files;
}

/** The files of a directory of this machine; nothing is left out. */
function filesOnDisk(root: string): Files {
  return new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(root.length), readFileSync(path)]),
  );
}

function assertFiles(found: Files, expected: Files, when: string): void {
  assert.deepEqual([...found.keys()].toSorted(), [...expected.keys()].toSorted(), when);
  for (const [path, content] of expected)
    assert.ok(
      found.get(path)?.equals(content),
      `${when}: ${path} has ${found.get(path)?.length} bytes of ${content.length}`,
    );
}

/** Takes what the cache shows as the truth where the step that was killed may have got through or not. */
function settle(expected: Files, found: Files, open: Step | undefined): Files {
  if (open === undefined) return expected;
  if (open.kind === 'rename') {
    const renamed = apply(expected, open);
    const isDone =
      found.get(open.to) !== undefined &&
      renamed.get(open.to)?.equals(found.get(open.to) as Buffer) === true &&
      found.has(open.path) === renamed.has(open.path);
    return isDone ? renamed : expected;
  }
  const there = found.get(open.path);
  assert.ok(
    mayBe(expected.get(open.path), there, open),
    `${open.kind} ${open.path} left ${there?.length} bytes that nobody wrote so`,
  );
  const settled = new Map(expected);
  if (there === undefined) settled.delete(open.path);
  else settled.set(open.path, there);
  return settled;
}

test('what was acknowledged survives a killed process', { timeout: 60_000 + rounds * 15_000 }, async (t) => {
  t.diagnostic(`seed ${seed}, killed ${rounds} times`);
  const folder = mkdtempSync(join(tmpdir(), 'cloudfusion-crash-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [root, directory] = [join(folder, 'root'), join(folder, 'cache')];
  let expected: Files = new Map();
  let steps = 0;
  for (let round = 1; round <= rounds; round++) {
    const { done, open } = await writeUntilKilled([root, directory], round, 100 + random() * 1400);
    for (const step of done) expected = apply(expected, step);
    steps += done.length;
    if (!existsSync(directory)) continue;
    // Sometimes the next writer opens what was left, sometimes this process looks at it, and sometimes sends it as well.
    const isLast = round === rounds;
    const cache = withWriteBackCache(new LocalStore({ root }), { directory, uploadDelay: 3_600_000 });
    try {
      const found = await filesOf(cache);
      expected = settle(expected, found, open);
      assertFiles(found, expected, `after kill ${round}`);
      assert.deepEqual(cache.problems(), []);
      if (isLast || random() < 0.3) {
        await cache.drain();
        assert.deepEqual(cache.pending(), []);
        assert.deepEqual(cache.problems(), []);
        assertFiles(filesOnDisk(root), expected, `sent after kill ${round}`);
      }
    } finally {
      await cache.close();
    }
  }
  assert.ok(steps > 0, 'nothing was written');
  t.diagnostic(`${steps} acknowledged steps, ${expected.size} files in the end`);
});
