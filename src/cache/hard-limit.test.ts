import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { intercept } from '../store/intercept.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import type { Store } from '../store/store.ts';

const limit = { timeout: 60_000 };
const kibibyte = 1 << 10;
const block = 64 * kibibyte;
const writers = 4;
const limits = { maxBytes: 1024 * kibibyte, hardMaxBytes: 2048 * kibibyte };

/** A service that takes some time for every file. */
function slowStore(): Store {
  return intercept(new MemoryStore(), 'slow', async ({ operation }, proceed) => {
    if (operation === 'write') await sleep(30);
    await proceed();
  });
}

/** Bytes of all data files, without those that are gone by now. */
function bytesInFiles(directory: string): number {
  let sum = 0;
  for (const entry of readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  return sum;
}

/** Bytes of the contents in the database, in a copy of it: the cache keeps its own to itself. */
function bytesInDatabase(directory: string): number {
  const copy = mkdtempSync(join(tmpdir(), 'cloudfusion-cache-'));
  try {
    for (const name of ['index.db', 'index.db-wal']) cpSync(join(directory, name), join(copy, name));
    const database = new DatabaseSync(join(copy, 'index.db'));
    const row = database.prepare('SELECT coalesce(sum(length(bytes)), 0) AS n FROM inline_content').get();
    database.close();
    return Number(row?.['n']);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Writes a file of `size` bytes as a program does, in blocks. */
async function writeFile(trial: CacheTrial, name: string, size: number): Promise<void> {
  const node = await trial.tree.createFile(trial.tree.root, name, { mode: 0o644, uid: 0, gid: 0 });
  const file = await trial.tree.open(node.id, { write: true });
  try {
    for (let at = 0; at < size; at += block) await file.write(at, Buffer.alloc(Math.min(block, size - at), name));
    await file.flush();
  } finally {
    file.release();
  }
}

describe('writers who are faster than the uploads', () => {
  for (const [what, size, files] of [
    ['files of many blocks', 5 * block, 20],
    ['small files', 20 * kibibyte, 250],
  ] as const) {
    it(`${what}: what is on the disk is never more than the hard limit and a block for each`, limit, async (t) => {
      const trial = new CacheTrial(t, { store: slowStore(), ...limits, uploads: 4 });
      let most = 0;
      const over = new AbortController();
      const sample = (): void => {
        most = Math.max(most, bytesInFiles(trial.directory) + bytesInDatabase(trial.directory));
      };
      const sampling = (async () => {
        for (; !over.signal.aborted; await sleep(20)) sample();
      })();
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < files) await writeFile(trial, `f${next++}`, size);
      };
      await Promise.all(Array.from({ length: writers }, work));
      over.abort();
      await sampling;
      sample();
      assert.ok(files * size > 2 * limits.hardMaxBytes, 'it is a load');
      assert.ok(most > limits.maxBytes, 'the limit was felt');
      assert.ok(most <= limits.hardMaxBytes + writers * block, `${most} bytes`);
      t.diagnostic(`at most ${Math.round(most / kibibyte)} KiB, hard limit ${limits.hardMaxBytes / kibibyte} KiB`);
      await trial.cache.drain();
      assert.deepEqual(trial.cache.problems(), []);
      // What was sent stays until the disk has noted that.
      await until(() => trial.cache.statistics().cachedBytes <= limits.maxBytes);
    });
  }
});

describe('files that are only read', () => {
  const size = 48 * 64 * kibibyte;
  const readLimits = { maxBytes: 512 * kibibyte, hardMaxBytes: 1024 * kibibyte };
  const margin = readLimits.maxBytes / 8;
  const bytes = Buffer.alloc(size, 'a few bytes more ');

  for (const unsent of [0, 900 * kibibyte]) {
    it(
      `larger than all limits, with ${unsent} bytes unsent: read to the end, within the hard limit and the read-ahead`,
      limit,
      async (t) => {
        const trial = new CacheTrial(t, { ...readLimits, inlineBytes: 0 });
        await writeBytes(trial.store, '/large', bytes);
        if (unsent > 0) await writeFile(trial, 'unsent', unsent);
        const file = await trial.open('/large');
        let most = 0;
        for (let at = 0; at < size; at += block) {
          assert.ok(bytes.subarray(at, at + block).equals(await readFrom(file, at, block)), `at ${at}`);
          await new Promise((resolve) => setImmediate(resolve));
          most = Math.max(most, trial.cache.statistics().cachedBytes);
        }
        file.release();
        // What has come within one turn of the event loop is seen at its end.
        assert.ok(most <= readLimits.hardMaxBytes + margin + 4 * block, `${most} bytes`);
        assert.ok(bytes.equals(await readBytes(trial.cache, '/large')), 'through the Store');
        await until(() => trial.cache.statistics().cachedBytes <= readLimits.hardMaxBytes + margin);
        await trial.cache.drain();
        assert.deepEqual(trial.cache.problems(), []);
      },
    );
  }

  it('by several programs at once, in pieces as a network brings them', limit, async (t) => {
    const store = intercept(new MemoryStore(), 'pieces', (call, proceed) =>
      call.operation === 'read' ? proceed(({ body }) => inPieces(body)) : proceed(),
    );
    const trial = new CacheTrial(t, { store, ...readLimits, inlineBytes: 0 });
    for (const name of ['/a', '/b']) await writeBytes(trial.store, name, bytes);
    let most = 0;
    const read = async (path: string, step: number): Promise<void> => {
      const file = await trial.open(path);
      for (let at = 0; at < size; at += step) {
        assert.ok(bytes.subarray(at, at + step).equals(await readFrom(file, at, step)), `${path} at ${at}`);
        most = Math.max(most, trial.cache.statistics().cachedBytes);
      }
      file.release();
    };
    const throughStore = async (path: string): Promise<void> =>
      assert.ok(bytes.equals(await readBytes(trial.cache, path)), 'through the Store');
    await Promise.all([read('/a', block), read('/a', 3 * block), read('/b', block), throughStore('/b')]);
    assert.ok(most <= readLimits.hardMaxBytes + margin + 4 * block, `${most} bytes`);
    assert.deepEqual(trial.cache.problems(), []);
  });
});

async function* inPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += 16 * kibibyte) {
      await new Promise((resolve) => setImmediate(resolve));
      yield chunk.subarray(at, at + 16 * kibibyte);
    }
  }
}
