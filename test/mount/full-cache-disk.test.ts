import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { seed } from '../seeded-runs.ts';
import { Mounted, withoutFuse } from './mounted.ts';

const kibibyte = 1 << 10;
/** An hour: nothing is sent unless it is asked for. */
const never = 3_600_000;

describe('a mount whose cache is on a full disk', { skip: withoutFuse, timeout: 90_000 }, () => {
  for (const passthrough of [true, false]) {
    it(`says ENOSPC, and loses nothing that it took, ${passthrough ? 'with' : 'without'} passthrough`, async (t) => {
      t.diagnostic(`seed ${seed}`);
      const random = seededRandom(seed);
      await using mounted = new Mounted(await realpath(await mkdtemp(join(tmpdir(), 'cloudfusion-mount-'))), {
        uploadDelay: never,
        passthrough,
      });
      using disk = smallDisk(mounted.cacheDirectory);
      if (!disk.isMounted) return t.skip('only root may mount the small file system that it needs');
      await mounted.start();
      const taken = new Map<string, Buffer>();
      const save = async (name: string): Promise<void> => {
        const bytes = Buffer.alloc(Math.floor(random() ** 3 * 300 * kibibyte), name);
        await writeFile(join(mounted.data, name), bytes);
        taken.set(name, bytes);
      };
      const failed: unknown[] = [];
      for (let i = 0; failed.length < 8; i++) {
        await save(`file ${i}`).catch((error: NodeJS.ErrnoException) => {
          assert.equal(error.code, 'ENOSPC');
          failed.push(error);
        });
      }
      assert.ok(taken.size > 10);
      for (const [name, bytes] of taken) assert.ok(bytes.equals(await readFile(join(mounted.data, name))), name);
      const [first = ''] = taken.keys();
      for (const name of [...taken.keys()].slice(0, taken.size / 2)) {
        await rm(join(mounted.data, name));
        taken.delete(name);
      }
      await save(first);
      await mounted.drain();
      for (const [name, bytes] of taken)
        assert.ok(bytes.equals(await readFile(join(mounted.storeDirectory, name))), name);
      assert.deepEqual(await mounted.errors(), []);
      await mounted.stop();
    });
  }
});

/** A file system of 8 MiB; who still uses it when it goes keeps it. */
function smallDisk(directory: string): Disposable & { readonly isMounted: boolean } {
  mkdirSync(directory);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'cloudfusion-test', directory]);
  return { isMounted: status === 0, [Symbol.dispose]: () => void spawnSync('umount', ['-l', directory]) };
}
