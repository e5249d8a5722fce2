import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { isMounted } from '../../src/fuse/mount-table.ts';
import { unmountPath } from '../../src/fuse/unmount.ts';
import { exercise } from '../posix/exerciser/exercise.ts';
import { runsOr, seed } from '../seeded-runs.ts';
import { withoutFuse } from './mounted.ts';

const script = new URL('../posix/exerciser/run.ts', import.meta.url).pathname;
const patience = 240_000;

describe('the exerciser', { timeout: patience * 2 }, () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloudfusion-exerciser-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('finds nothing on a disk', async (t) => {
    t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
    await exercise({ directory: join(directory, 'disk') }, { seed, operations: runsOr(5000) });
  });

  it('finds one byte that changed by itself, and tells the steps before it', async () => {
    const subject = { directory: join(directory, 'broken'), drain: async () => spoil(join(directory, 'broken')) };
    await assert.rejects(exercise(subject, { seed: 1, operations: 20_000 }), (error: Error) => {
      assert.match(error.message, /^seed 1, the last steps:\n(?:\d+ .*\n)+.*Error: .* for /);
      return true;
    });
  });

  for (const [what, ...more] of [['lends files to the kernel'], ['serves every read and write', '--buffered']] as const)
    it(`finds nothing on a mount that ${what}`, { skip: withoutFuse }, async (t) => {
      t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
      const at = await realpath(await mkdtemp(join(tmpdir(), 'cloudfusion-exerciser-')));
      const operations = `${runsOr(10_000)}`;
      // In a process of its own, for a call on a mount may never return.
      const child = spawn(process.execPath, [script, '--operations', operations, '--at', at, ...more], {
        env: { ...process.env, CLOUDFUSION_SEED: `${seed}` },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: patience,
        killSignal: 'SIGKILL',
      });
      try {
        const said = await text(child.stderr);
        assert.equal(child.signalCode, null, 'it did not end');
        assert.equal(said, '');
      } finally {
        const mountPoint = join(at, 'mount');
        if (await isMounted(mountPoint)) await unmountPath(mountPoint, { lazy: true });
        await rm(at, { recursive: true, force: true });
      }
    });
});

/** Changes a byte of each file behind the exerciser's back. */
function spoil(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(directory, entry.name);
    const bytes = readFileSync(path);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }
}
