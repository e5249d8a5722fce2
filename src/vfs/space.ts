import type { NodeTree } from '../cache/node-tree.ts';
import type { Answer, FileSystemStatistics } from '../fuse/file-system.ts';
import { isStoreError } from '../store/errors.ts';
import type { Usage } from '../store/store.ts';

const blockSize = 4096;
/** What a service that tells no limit is taken to have left: 1 PiB, so that no program sees a full disk. */
const freeIfUnknown = 2 ** 50;
/** Services do not limit the number of files; this many is more than any program wants to make. */
const fileCount = 1_000_000_000;

/** `df` before a store is attached: nothing there, and no error, which would end `df` for every other mount too. */
export const spaceWithoutStore: FileSystemStatistics = {
  blockSize,
  blocks: 0,
  blocksFree: 0,
  files: 0,
  filesFree: 0,
};

/** So long the first figures of an account are waited for, in milliseconds: most services answer in less, and people notice more. */
const patience = 200;

/**
 * A tree's account as statfs(2) shows it. A service that does not answer is one that tells no figures; where it answers later, the
 * next call has them.
 */
export function spaceOf(tree: NodeTree): Answer<FileSystemStatistics> {
  try {
    const usage = tree.usage();
    return usage instanceof Promise ? soon(usage).then(statisticsOf) : statisticsOf(usage);
  } catch (error) {
    return statisticsOf(noFigures(error));
  }
}

async function soon(usage: Promise<Usage>): Promise<Usage> {
  const { promise: late, resolve } = Promise.withResolvers<Usage>();
  // What came while this process had no time for its timers is not late.
  const timer = setTimeout(() => setImmediate(() => resolve({})), patience);
  return Promise.race([usage.catch(noFigures), late]).finally(() => clearTimeout(timer));
}

function noFigures(error: unknown): Usage {
  if (isStoreError(error)) return {};
  throw error;
}

/** An account that is over its limit has nothing free. */
function statisticsOf({ used = 0, total = used + freeIfUnknown }: Usage): FileSystemStatistics {
  return {
    blockSize,
    blocks: Math.ceil(Math.max(total, used) / blockSize),
    blocksFree: Math.floor(Math.max(0, total - used) / blockSize),
    files: fileCount,
    filesFree: fileCount,
  };
}
