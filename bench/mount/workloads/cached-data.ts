import type { Figures } from '../figure.ts';
import type { Workload } from '../workload.ts';

const randomReads = 20_000;

/** A file twice as large as that of S3, in blocks of 1 MiB and in pages, while the cache holds all of it. */
const cachedData: Workload = {
  name: 'cached data',
  over: ['disk'],
  measure: async (trial): Promise<Figures> => {
    const blocks = 2 * trial.arena.options.megabytes;
    await trial.shell('mkdir "$1/$2"');
    const file = `${trial.work}/data`;
    const written = await trial.files('write', file, blocks);
    if (written.broken !== undefined) return { 'write, 1 MiB blocks': written };
    await trial.dropKernelCaches();
    const cold = await trial.files('read', file, blocks);
    const warm = await trial.files('read', file, blocks);
    const random = await trial.files('random', file, randomReads);
    return {
      'write, 1 MiB blocks': written,
      'read, 1 MiB blocks, page cache dropped': cold,
      'read, 1 MiB blocks, warm': warm,
      'read, 4 KiB at random, warm': random,
    };
  },
};

/** Reading and writing what is in the cache. */
export const cachedDataWorkloads: readonly Workload[] = [cachedData];
