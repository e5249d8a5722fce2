import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf, readFrom } from '../../test/fakes/cache-trial.ts';
import { DirectoryInUseError } from '../database/exclusive-lock.ts';
import { NewerDatabaseError } from '../database/database.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';
import type { Entry } from '../store/store.ts';
import { withWriteBackCache } from './write-back-cache.ts';

const limit = { timeout: 60_000 };

/** The data files in a cache directory. */
function dataFiles(directory: string): string[] {
  return readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A hundred directories with a thousand empty files each. */
class ManyFiles extends MemoryStore {
  override async *list(path: string): AsyncGenerator<Entry> {
    if (path === '/') for (let i = 0; i < 100; i++) yield { kind: 'directory', path: `/directory ${i}` };
    else
      for (let i = 0; i < 1000; i++)
        yield { kind: 'file', path: `${path}/file ${i}`, size: 0, modified: 0, revision: '1' };
  }
}

describe('a cache that is opened again on its directory', () => {
  it(
    'has everything, downloads nothing again, goes on with what is pending, and keeps the numbers',
    limit,
    async (t) => {
      const trial = new CacheTrial(t);
      await writeBytes(trial.store, '/d/clean', 'clean');
      await writeBytes(trial.store, '/d/removed', 'removed');
      await writeBytes(trial.store, '/d/moved', 'moved');
      await trial.text('/d/clean');
      await trial.save('/d/new', 'new');
      await trial.rename('/d/moved', '/moved');
      await trial.remove('/d/removed');
      const paths = ['/d', '/d/clean', '/d/new', '/moved'];
      const numbers = await Promise.all(paths.map((path) => trial.id(path)));
      const pending = trial.cache.pending().toSorted((a, b) => a.node - b.node);
      await trial.reopen();
      trial.seen.length = 0;
      assert.deepEqual(await Promise.all(paths.map((path) => trial.id(path))), numbers);
      assert.equal(await trial.text('/d/clean'), 'clean');
      assert.equal(await trial.text('/d/new'), 'new');
      assert.deepEqual(trial.seen, []);
      assert.deepEqual(
        trial.cache.pending().toSorted((a, b) => a.node - b.node),
        pending,
      );
      await trial.cache.drain();
      assert.deepEqual(await contentsOf(trial.store), {
        '/d': null,
        '/d/clean': 'clean',
        '/d/new': 'new',
        '/moved': 'moved',
      });
      assert.deepEqual(trial.sent().toSorted(), ['delete /d/removed', 'move /d/moved /moved', 'write /d/new']);
    },
  );

  it('never gives a number twice', limit, async (t) => {
    const trial = new CacheTrial(t);
    const first = await trial.save('/a', 'a');
    await trial.remove('/a');
    await trial.reopen();
    assert.ok((await trial.save('/b', 'b')) > first);
  });

  it('knows which parts of a file are here', limit, async (t) => {
    const trial = new CacheTrial(t);
    const bytes = Buffer.alloc(1 << 20, 'content ');
    await writeBytes(trial.store, '/large', bytes);
    const file = await trial.open('/large');
    await readFrom(file, 600_000, 100);
    file.release();
    await trial.reopen();
    trial.seen.length = 0;
    const again = await trial.open('/large');
    assert.deepEqual(Buffer.from(await readFrom(again, 600_000, 100)), bytes.subarray(600_000, 600_100));
    assert.deepEqual(trial.seen, []);
    assert.deepEqual(Buffer.from(await readFrom(again, 0, bytes.length)), bytes);
    again.release();
  });

  it('opens 100,000 nodes, 10,000 of them changed, without a request', limit, async (t) => {
    const trial = new CacheTrial(t, { store: new ManyFiles() });
    for (const directory of await trial.tree.list(trial.tree.root)) {
      await trial.tree.list(directory.id);
      for (let i = 0; i < 100; i++)
        await trial.tree.rename(directory.id, `file ${i}`, directory.id, `file ${i} changed`, {});
    }
    trial.seen.length = 0;
    const before = performance.now();
    await trial.reopen();
    t.diagnostic(`closed and opened again in ${Math.round(performance.now() - before)} ms`);
    assert.equal(trial.cache.statistics().pendingChanges, 10_000);
    assert.deepEqual(
      trial.seen.filter(({ call }) => call.operation !== 'close'),
      [],
    );
  });

  it(
    'opens what a killed process left, with 1,000 uploads among 100,000 names, without a request',
    limit,
    async (t) => {
      const before = new CacheTrial(t, { store: new ManyFiles() });
      const directories = await before.tree.list(before.tree.root);
      for (const directory of directories) await before.tree.list(directory.id);
      for (let i = 0; i < 100; i++)
        for (let k = 0; k < 10; k++) await before.save(`/directory ${i}/file ${k}`, `${i} ${k}`);
      const directory = before.copyOfDirectory();
      const began = performance.now();
      const after = new CacheTrial(t, { store: new ManyFiles(), directory });
      t.diagnostic(`opened in ${Math.round(performance.now() - began)} ms`);
      assert.equal(after.cache.statistics().pendingChanges, 1000);
      for (const i of [0, 57, 99]) assert.equal(await after.text(`/directory ${i}/file 9`), `${i} 9`);
      assert.equal((await after.tree.list(await after.id('/directory 57'))).length, 1000);
      assert.deepEqual(after.seen, []);
      assert.deepEqual(after.cache.problems(), []);
    },
  );

  it('is refused to a second process, which learns who has it', limit, async (t) => {
    const trial = new CacheTrial(t);
    const refused = (error: unknown): boolean => error instanceof DirectoryInUseError && error.pid === process.pid;
    assert.throws(() => withWriteBackCache(new MemoryStore(), { directory: trial.directory }), refused);
    const source = `
      import { withWriteBackCache } from ${JSON.stringify(new URL('write-back-cache.ts', import.meta.url).href)};
      import { MemoryStore } from ${JSON.stringify(new URL('../providers/memory/memory-store.ts', import.meta.url).href)};
      withWriteBackCache(new MemoryStore(), { directory: ${JSON.stringify(trial.directory)} });`;
    const other = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
    assert.equal(other.status, 1);
    assert.match(other.stderr, new RegExp(`DirectoryInUseError.*process ${process.pid}`));
  });

  it('refuses a database that a newer version wrote, and leaves it as it is', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'a');
    await trial.cache.close();
    const path = join(trial.directory, 'index.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 999');
    database.close();
    const before = readFileSync(path);
    assert.throws(() => withWriteBackCache(new MemoryStore(), { directory: trial.directory }), NewerDatabaseError);
    assert.throws(() => withWriteBackCache(new MemoryStore(), { directory: trial.directory }), NewerDatabaseError);
    assert.deepEqual(readFileSync(path), before);
    assert.equal(dataFiles(trial.directory).length, 1);
  });

  it('a data file that is missing: fetched again where the store has it, told where it had not', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await writeBytes(trial.store, '/clean', 'clean');
    await writeBytes(trial.store, '/edited', 'old');
    await trial.text('/clean');
    await trial.text('/edited');
    await trial.save('/edited', 'edited');
    await trial.save('/new', 'new');
    await trial.cache.close();
    for (const file of dataFiles(trial.directory)) rmSync(file);
    await trial.reopen();
    assert.deepEqual(
      new Set(trial.cache.problems().map(({ kind, path }) => `${kind} ${path}`)),
      new Set(['quarantined /edited', 'quarantined /new']),
    );
    assert.equal(await trial.text('/clean'), 'clean');
    assert.equal(await trial.text('/edited'), 'old');
    assert.equal(await trial.find('/new'), undefined);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/clean': 'clean', '/edited': 'old' });
  });

  it('data files that belong to nothing are swept', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'a');
    await trial.cache.close();
    const [known] = dataFiles(trial.directory);
    writeFileSync(join(known as string, '..', '513'), 'orphan');
    await trial.reopen();
    assert.deepEqual(dataFiles(trial.directory), [known]);
    assert.equal(await trial.text('/a'), 'a');
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('without its database puts the data files aside', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'unsent a');
    await trial.save('/b', 'unsent b');
    await trial.cache.close();
    for (const name of readdirSync(trial.directory))
      if (name.startsWith('index.db')) rmSync(join(trial.directory, name));
    await trial.reopen();
    const lost = join(trial.directory, 'lost+found');
    assert.deepEqual(
      readdirSync(lost)
        .filter((name) => !name.endsWith('.json'))
        .map((name) => readFileSync(join(lost, name), 'utf8'))
        .toSorted(),
      ['unsent a', 'unsent b'],
    );
    assert.deepEqual(
      trial.cache.problems().map(({ kind }) => kind),
      ['quarantined', 'quarantined'],
    );
    await trial.save('/c', 'c');
    await trial.reopen();
    assert.equal(await trial.text('/c'), 'c');
    assert.equal(readdirSync(lost).length, 4, 'each with a note beside it');
  });
});
