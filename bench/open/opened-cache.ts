/** Opens the cache in the directory of the first argument as a new process does, mounts it at the second, and prints as JSON how long that took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { mountStore } from '../../src/config/mount-store.ts';
import { intercept } from '../../src/store/intercept.ts';
import { ManyNames } from './filled-cache.ts';

const [directory = '', mountPoint = '', directories = '100'] = process.argv.slice(2);
let requests = 0;
const store = intercept(new ManyNames(Number(directories)), 'counted', async (_call, proceed) => {
  requests++;
  await proceed();
});

/** An hour: what is known is believed, and nothing is sent. */
const never = 3_600_000;
const began = performance.now();
const cache = withWriteBackCache(store, { directory, uploadDelay: never, metadataTime: never });
const opened = performance.now() - began;
const mounted = await mountStore(cache, { mountPoint });
const listing = spawn('ls', [`${mountPoint}/data`], { stdio: ['ignore', 'ignore', 'inherit'] });
const [code] = (await once(listing, 'exit')) as [number | null];
const answered = performance.now() - began;
const waiting = cache.statistics().pendingChanges;
console.log(JSON.stringify({ opened, answered, requests, waiting, isAnswered: code === 0 }));
await mounted.unmount({ lazy: true });
await cache.close();
