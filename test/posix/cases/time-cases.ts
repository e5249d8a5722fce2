import assert from 'node:assert/strict';
import { chmodSync, constants, readFileSync, renameSync, statSync, truncateSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { PosixCase } from '../posix-case.ts';
import type { PosixTrial } from '../posix-trial.ts';
import { setTimes } from '../system-calls.ts';

const second = 1_000_000_000n;

function times(trial: PosixTrial, name: string): { accessed: bigint; modified: bigint; changed: bigint } {
  const { atimeNs, mtimeNs, ctimeNs } = statSync(trial.path(name), { bigint: true });
  return { accessed: atimeNs, modified: mtimeNs, changed: ctimeNs };
}

/** Runs a change after the clock has moved on; what it did to the times. */
async function moved(
  trial: PosixTrial,
  name: string,
  change: () => void,
): Promise<{ modified: boolean; changed: boolean }> {
  const before = times(trial, name);
  await setTimeout(15);
  change();
  const after = times(trial, name);
  return { modified: after.modified > before.modified, changed: after.changed > before.changed };
}

/** utimensat(2), and which calls set which times (stat(2), inode(7)). */
export const timeCases: readonly PosixCase[] = [
  {
    name: 'the modification time is kept to the unit of the file system, also before 1970 and after 2038',
    run: (trial) => {
      const path = trial.file('a');
      const timeUnit = BigInt(trial.features.timeUnit);
      for (const time of [
        1_234_567_890_123_456_789n,
        1n,
        0n,
        -1_500_000_000n,
        5_000_000_000n * second + 999_999_999n,
      ]) {
        setTimes(path, time, time);
        const { modified } = times(trial, 'a');
        assert.equal(modified, time - (((time % timeUnit) + timeUnit) % timeUnit), `set to ${time}`);
      }
    },
  },
  {
    name: 'the times of a directory can be set',
    run: (trial) => {
      setTimes(trial.folder('d'), 7n * second, 8n * second);
      assert.equal(times(trial, 'd').modified, 8n * second);
    },
  },
  {
    name: 'UTIME_OMIT leaves a time, UTIME_NOW is the clock',
    run: (trial) => {
      const path = trial.file('a');
      setTimes(path, 5n * second, 6n * second);
      setTimes(path, 7n * second, 'omit');
      assert.equal(times(trial, 'a').modified, 6n * second);
      const before = BigInt(Date.now() - 2000) * 1_000_000n;
      setTimes(path, 'omit', 'now');
      assert.ok(times(trial, 'a').modified > before);
    },
  },
  {
    name: 'the access time can be set by itself, or is that of modification',
    run: (trial) => {
      const path = trial.file('a');
      setTimes(path, 5n * second, 6n * second);
      assert.equal(times(trial, 'a').accessed, trial.features.accessTime ? 5n * second : 6n * second);
      setTimes(path, 9n * second, 'omit');
      assert.equal(times(trial, 'a').accessed, trial.features.accessTime ? 9n * second : 6n * second);
    },
  },
  {
    name: 'a write and a truncation set modification and change',
    run: async (trial) => {
      const path = trial.file('a', 'text');
      const descriptor = trial.open('a', constants.O_RDWR);
      const both = { modified: true, changed: true };
      assert.deepEqual(await moved(trial, 'a', () => writeSync(descriptor, 'x', 0)), both);
      assert.deepEqual(await moved(trial, 'a', () => truncateSync(path, 2)), both);
    },
  },
  {
    name: 'chmod and rename set the change only, a read neither',
    run: async (trial) => {
      const path = trial.file('a', 'text');
      assert.deepEqual(await moved(trial, 'a', () => chmodSync(path, 0o600)), { modified: false, changed: true });
      const read = (): unknown => readFileSync(path);
      assert.deepEqual(await moved(trial, 'a', read), { modified: false, changed: false });
      const { modified } = times(trial, 'a');
      renameSync(path, trial.path('b'));
      assert.equal(times(trial, 'b').modified, modified);
    },
  },
  {
    name: 'a time that was set stays when the file is closed, and goes with the next write',
    run: (trial) => {
      const path = trial.file('a');
      const descriptor = trial.open('a', constants.O_WRONLY);
      writeSync(descriptor, 'text');
      setTimes(path, 3n * second, 3n * second);
      trial.close(descriptor);
      assert.equal(times(trial, 'a').modified, 3n * second);
      const again = trial.open('a', constants.O_WRONLY);
      assert.equal(times(trial, 'a').modified, 3n * second);
      writeSync(again, 'x');
      assert.ok(times(trial, 'a').modified > 1000n * second);
    },
  },
];
