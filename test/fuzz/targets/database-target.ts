import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WriteBackCache, withWriteBackCache } from '../../../src/cache/write-back-cache.ts';
import { isDamage } from '../../../src/database/damage.ts';
import { NewerDatabaseError } from '../../../src/database/database.ts';
import { MemoryStore } from '../../../src/providers/memory/memory-store.ts';
import { readBytes, writeBytes } from '../../../src/store/operations.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { below, mutated, type Random } from '../mutation.ts';
import { assertListing, asStoresDo } from '../sound-answers.ts';

const hour = 3_600_000;
const files = 12;
/** The last one meets no damage. */
const rounds = 4;
const unsent = (index: number): Buffer => Buffer.from(`nobody else has this, number ${index}; `.repeat(20));

/** The database of a cache after its disk has changed it: the cache opens or says why not, and no content that is not sent is lost. */
export async function openDatabaseTarget(name: string, share: number): Promise<FuzzTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-fuzz-'));
  const store = new MemoryStore();
  const sound = join(directory, 'sound');
  await fill(sound, store);
  const database = readFileSync(join(sound, 'index.db'));
  return {
    name,
    share,
    make: (random) => (random() < 0.7 ? flipped(random, database) : mutated(random, database, [database], 2)),
    async take(input) {
      const damaged = join(directory, 'damaged');
      cpSync(sound, damaged, { recursive: true });
      writeFileSync(join(damaged, 'index.db'), input);
      try {
        await use(damaged, store);
        const kept = Buffer.concat(contentsBelow(damaged)).toString('latin1');
        for (let i = 0; i < files; i++)
          assert.ok(kept.includes(unsent(i).toString('latin1')), `the bytes of number ${i} are gone`);
      } finally {
        rmSync(damaged, { recursive: true });
      }
    },
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true });
    },
  };
}

function open(directory: string, store: MemoryStore): WriteBackCache {
  // Contents in files of their own: what the disk does to one in the database cannot be found out.
  return withWriteBackCache(store, { directory, uploadDelay: hour, inlineBytes: 0, timeout: 2000 });
}

async function fill(directory: string, store: MemoryStore): Promise<void> {
  for (let i = 0; i < files; i++) await writeBytes(store, `/sent/${i}`, `sent ${i}`);
  const cache = open(directory, store);
  for (let i = 0; i < files; i++) {
    await readBytes(cache, `/sent/${i}`);
    await writeBytes(cache, `/made/${i}`, unsent(i));
  }
  await cache.move('/sent/0', '/made/moved');
  await cache.delete('/sent/1');
  await cache.close();
}

/** Opens it and uses it as a mount does, until no damage is met any more: what is met is noted, and mended at the next opening. */
async function use(directory: string, store: MemoryStore): Promise<void> {
  for (let round = 1; ; round++) {
    let cache: WriteBackCache;
    try {
      cache = open(directory, store);
    } catch (error) {
      if (error instanceof NewerDatabaseError) return;
      throw error;
    }
    const mayBeDamaged = round < rounds;
    let isDone = false;
    let isClosed = false;
    try {
      isDone = await unlessDamaged(mayBeDamaged, () => useOpen(cache, `round ${round}`));
    } finally {
      isClosed = await unlessDamaged(mayBeDamaged, () => cache.close());
    }
    if (isDone && isClosed && round > 1) return;
  }
}

async function useOpen(cache: WriteBackCache, round: string): Promise<void> {
  await walk(cache, '/', 0);
  await writeBytes(cache, `/new ${round}`, round);
  assert.equal(Buffer.from(await readBytes(cache, `/new ${round}`)).toString(), round);
}

/** Whether `work` met no damage. */
async function unlessDamaged(may: boolean, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!may || !isDamage(error)) throw error;
    return false;
  }
}

async function walk(cache: WriteBackCache, directory: string, depth: number): Promise<void> {
  assert.ok(depth < 20, 'a directory is in itself');
  await asStoresDo(async () => {
    const entries = await Array.fromAsync(cache.list(directory));
    assertListing(entries, directory);
    for (const entry of entries) {
      if (entry.kind === 'directory') await walk(cache, entry.path, depth + 1);
      else if (entry.size < 1e6) await asStoresDo(() => readBytes(cache, entry.path));
    }
  });
}

/** One to sixteen bytes are others. */
function flipped(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let flips = 1 + below(random, 16); flips > 0; flips--)
    changed.writeUInt8(below(random, 256), below(random, bytes.length));
  return changed;
}

function contentsBelow(directory: string): Buffer[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
