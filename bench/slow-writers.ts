/**
 * How evenly writers are slowed down when uploads are slower: `npm run bench:limits -- [--writers N] [--seconds N] [--rate MB/s]`. Files of 4 MB go
 * into a cache whose uploads have the given rate, 64 MB above `cache_size` at the most.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type WriteBackCache, withWriteBackCache } from '../src/cache/write-back-cache.ts';
import { MemoryStore } from '../src/providers/memory/memory-store.ts';
import { intercept } from '../src/store/intercept.ts';
import { printTable } from './report.ts';

const { values } = parseArgs({
  options: {
    writers: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '10' },
  },
});
const fileBytes = 4_000_000;
const blockBytes = 128 << 10;
const limits = { maxBytes: 64_000_000, hardMaxBytes: 128_000_000 };
const rate = Number(values.rate) * 1e6;

let lineFreeAt = 0;
/** A line on which one file goes after the other; what was sent is forgotten, so that memory does not fill. */
const store = new MemoryStore();
const line = intercept(store, 'line', async (call, proceed) => {
  if (call.operation === 'write') {
    lineFreeAt = Math.max(lineFreeAt, performance.now()) + (call.source.size / rate) * 1000;
    await sleep(lineFreeAt - performance.now());
  }
  await proceed();
});

const directory = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'cloudfusion-limits-'));
const cache = withWriteBackCache(line, { directory, ...limits, uploadDelay: 0, uploads: 4 });
const pauses: number[] = [];
const perSecond: number[] = [];
let most = 0;
try {
  await cache.tree.list(cache.tree.root);
  const began = performance.now();
  const end = began + Number(values.seconds) * 1000;
  await Promise.all(Array.from({ length: Number(values.writers) }, (_, writer) => write(cache, writer, began, end)));
  const steady = perSecond.slice(Math.floor(perSecond.length / 2), -1).map((bytes) => bytes / 1e6);
  const sorted = pauses.toSorted((a, b) => a - b);
  printTable(
    [`${values.writers} writers, uploads of ${values.rate} MB/s`, 'found'],
    [
      ['longest pause of a write of 128 KiB', `${Math.round(sorted.at(-1) ?? 0)} ms`],
      ['99 of 100 were shorter than', `${Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0)} ms`],
      [
        'written in the slowest and the fastest second of the second half',
        `${Math.min(...steady).toFixed(1)} to ${Math.max(...steady).toFixed(1)} MB`,
      ],
      ['most bytes in the cache, of the hard limit', `${Math.round((most / limits.hardMaxBytes) * 100)} %`],
    ],
  );
} finally {
  await cache.close();
  rmSync(directory, { recursive: true, force: true });
}

async function write(cache: WriteBackCache, writer: number, began: number, end: number): Promise<void> {
  const { tree } = cache;
  const block = Buffer.alloc(blockBytes, 'x');
  for (let number = 0; performance.now() < end; number++) {
    const { id } = await tree.createFile(tree.root, `${writer} ${number}`, { mode: 0o644, uid: 0, gid: 0 });
    const file = await tree.open(id, { write: true });
    for (let at = 0; at < fileBytes && performance.now() < end; at += blockBytes) {
      const before = performance.now();
      await file.write(at, block);
      const now = performance.now();
      pauses.push(now - before);
      const second = Math.floor((now - began) / 1000);
      perSecond[second] = (perSecond[second] ?? 0) + blockBytes;
      if (at === 0) most = Math.max(most, cache.statistics().cachedBytes);
    }
    await file.flush();
    file.release();
  }
}
