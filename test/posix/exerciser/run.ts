import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Mounted } from '../../mount/mounted.ts';
import { seed } from '../../seeded-runs.ts';
import { exercise } from './exercise.ts';
import type { ExerciseSubject } from './exercise-subject.ts';

/**
 * `npm run test:exerciser -- [--operations 1000000] [--drop-caches] [--buffered] [--at EMPTY_DIRECTORY] [DIRECTORY]`: exercises a
 * mount of its own, in `--at` or in a temporary directory, or DIRECTORY as it is. With `--buffered` the daemon serves every read and write. `CLOUDFUSION_SEED` replays.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    operations: { type: 'string', default: '1000000' },
    'drop-caches': { type: 'boolean', default: false },
    at: { type: 'string' },
    buffered: { type: 'boolean', default: false },
  },
});
const operations = Number(values.operations);
const dropCaches = values['drop-caches'] ? { dropCaches: () => writeFileSync('/proc/sys/vm/drop_caches', '3') } : {};

process.stdout.write(`seed ${seed}, ${operations} operations\n`);
const [directory] = positionals;
if (directory === undefined) await exerciseMount();
else await run({ directory: resolve(directory), ...dropCaches });

function run(subject: ExerciseSubject): Promise<void> {
  mkdirSync(subject.directory, { recursive: true });
  const onProgress = (done: number): void => {
    if (done % 20_000 === 0) process.stdout.write(`${done}\n`);
  };
  return exercise(subject, { seed, operations, onProgress });
}

async function exerciseMount(): Promise<void> {
  const at = values.at ?? (await mkdtemp(join(tmpdir(), 'cloudfusion-exerciser-')));
  // Less than the files have together, so that what is sent is dropped, and fetched again.
  await using mounted = new Mounted(await realpath(at), {
    uploadDelay: 200,
    maxBytes: 200_000,
    passthrough: !values.buffered,
  });
  await mounted.start();
  await run({
    directory: mounted.data,
    storeDirectory: mounted.storeDirectory,
    drain: () => mounted.drain(),
    remount: async () => {
      await mounted.stop();
      await mounted.start();
    },
    crash: async () => {
      await mounted.crash();
      await mounted.start();
    },
    ...dropCaches,
  });
  const errors = await mounted.errors();
  if (errors.length > 0) throw new Error(errors.join('\n'));
}
