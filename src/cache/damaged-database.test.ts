import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };
const pageSize = 1024;
const files = 40;
/** The seed whose bad pages have the row of the root in them, and not those of all data files. */
const rootLost = 20141122;

function databaseOf(directory: string): string {
  return join(directory, 'index.db');
}

/** Runs SQL on the database of a closed cache. */
function onDatabase<T>(trial: CacheTrial, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(databaseOf(trial.directory));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Overwrites pages of the database, by their numbers from 1. */
function destroy(trial: CacheTrial, pages: readonly number[]): void {
  const bytes = readFileSync(databaseOf(trial.directory));
  for (const page of pages) bytes.fill(0xa5, (page - 1) * pageSize, page * pageSize);
  writeFileSync(databaseOf(trial.directory), bytes);
}

function pagesOf(trial: CacheTrial, table: string): number[] {
  return onDatabase(trial, (database) =>
    database
      .prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno")
      .all(table)
      .map(({ pageno }) => Number(pageno)),
  );
}

function lost(trial: CacheTrial): string[] {
  const directory = join(trial.directory, 'lost+found');
  return existsSync(directory) ? readdirSync(directory).filter((name) => !name.endsWith('.json')) : [];
}

const isFound = (trial: CacheTrial, text: string): boolean =>
  lost(trial).some((name) => readFileSync(join(trial.directory, 'lost+found', name), 'utf8') === text);

/** A cache with files that the store has, and as many that it has not. */
async function filled(trial: CacheTrial): Promise<void> {
  for (let i = 0; i < files; i++) await writeBytes(trial.store, `/clean${i}`, `clean ${i}`);
  await trial.makeDirectory('/d');
  await trial.cache.drain();
  for (let i = 0; i < files; i++) await trial.text(`/clean${i}`);
  for (let i = 0; i < files; i++) await trial.save(`/d/unsent${i}`, `unsent ${i}`);
}

/** Everything is where it was, or in `lost+found`, and the rest is sent. */
async function assertNothingIsLost(trial: CacheTrial): Promise<void> {
  for (let i = 0; i < files; i++) assert.equal(await trial.text(`/clean${i}`), `clean ${i}`);
  const found = await trial.find('/d');
  const shown = found === undefined ? {} : await contentsOf(trial.cache);
  for (let i = 0; i < files; i++)
    assert.ok(shown[`/d/unsent${i}`] === `unsent ${i}` || isFound(trial, `unsent ${i}`), `unsent ${i}`);
  await trial.cache.drain();
  const stored = await contentsOf(trial.store);
  for (const [path, text] of Object.entries(shown)) assert.equal(stored[path], text);
  assert.ok(trial.cache.problems().some(({ message }) => message.includes('database of the cache is damaged')));
  assert.ok(lost(trial).some((name) => name.startsWith('index.db-')));
}

describe('a damaged database', () => {
  for (const inlineBytes of [0, 32 << 10]) {
    const where = inlineBytes === 0 ? 'data files' : 'the database';
    it(`with two bad pages of rows, contents in ${where}: what can be read of it is used further`, limit, async (t) => {
      const trial = new CacheTrial(t, { inlineBytes });
      await filled(trial);
      await trial.cache.close();
      const pages = pagesOf(trial, 'node');
      assert.ok(pages.length > 6);
      destroy(trial, [pages[3] as number, pages.at(-2) as number]);
      await trial.reopen();
      const rows = (await contentsOf(trial.cache)) as object;
      assert.ok(Object.keys(rows).length > files, 'most of it is there at once');
      await assertNothingIsLost(trial);
      await trial.reopen();
      assert.ok(trial.cache.problems().length > 0, 'it is told after a restart too');
    });
  }

  it('with any bad pages', limit, async (t) => {
    t.diagnostic(`seed ${seed}`);
    let random = seededRandom(rootLost);
    for (let run = 0; run <= runsOr(2); run++) {
      if (run === 1) random = seededRandom(seed);
      const trial = new CacheTrial(t, { inlineBytes: 0 });
      await filled(trial);
      await trial.cache.close();
      const size = readFileSync(databaseOf(trial.directory)).length / pageSize;
      destroy(
        trial,
        Array.from({ length: 3 }, () => 2 + Math.floor(random() * (size - 1))),
      );
      // As after a power cut: then all of it is looked through.
      writeFileSync(join(trial.directory, 'boot'), 'another boot');
      await trial.reopen();
      const shown = await contentsOf(trial.cache);
      for (let i = 0; i < files; i++) {
        assert.equal(shown[`/clean${i}`], `clean ${i}`);
        assert.ok(shown[`/d/unsent${i}`] === `unsent ${i}` || isFound(trial, `unsent ${i}`), `run ${run}: unsent ${i}`);
      }
      await trial.cache.drain();
    }
  });

  for (const table of ['inline_content', 'node'])
    it(`in which ${table} has lost the name of a column is used further`, limit, async (t) => {
      const trial = new CacheTrial(t);
      await filled(trial);
      await trial.cache.close();
      onDatabase(trial, (database) => {
        database.enableDefensive(false);
        database.exec('PRAGMA writable_schema = ON');
        const { changes } = database
          .prepare("UPDATE sqlite_schema SET sql = replace(sql, 'modified', 'modifiez') WHERE name = ?")
          .run(table);
        assert.equal(changes, 1);
      });
      await trial.reopen();
      // A statement that meets it notes it, and the next opening looks through all of it.
      await trial.text('/clean0').catch(() => undefined);
      await trial.reopen();
      await assertNothingIsLost(trial);
    });

  it('whose index does not know a file keeps the data file', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await filled(trial);
    const node = await trial.id('/d/unsent7');
    await trial.cache.close();
    onDatabase(trial, (database) => {
      database.enableDefensive(false);
      database.exec('PRAGMA writable_schema = ON');
      const change = database.prepare("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'node_content'");
      const [whole, part] = ['WHERE content <> 0', `WHERE content <> 0 AND id <> ${node}`];
      assert.equal(change.run(whole, part).changes, 1);
      database.exec('PRAGMA writable_schema = RESET; REINDEX node_content; PRAGMA writable_schema = ON');
      assert.equal(change.run(part, whole).changes, 1);
    });
    await trial.reopen();
    await assertNothingIsLost(trial);
  });

  it('that is none any more: all data files are put aside, and the cache begins anew', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await filled(trial);
    await trial.cache.close();
    destroy(trial, [1]);
    await trial.reopen();
    await assertNothingIsLost(trial);
  });

  it('found while it is used is told at once, and looked through at the next opening', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (let i = 0; i < 300; i++) await writeBytes(trial.store, `/seen/${i}`, `${i}`);
    await trial.tree.list(await trial.id('/seen'));
    await trial.cache.close();
    const pages = pagesOf(trial, 'node');
    destroy(trial, pages.slice(20, 22));
    await trial.reopen();
    assert.deepEqual(trial.cache.problems(), [], 'nothing reads these rows at the opening');
    await assert.rejects(async () => trial.tree.list(await trial.id('/seen')));
    assert.match(trial.cache.problems().at(-1)?.message ?? '', /the next start saves what can be read of it/);
    await trial.save('/works', 'works');
    assert.equal(await trial.text('/works'), 'works');
    await trial.reopen();
    assert.equal(await trial.text('/works'), 'works');
    assert.equal((await trial.tree.list(await trial.id('/seen'))).length, 300);
    const problems = trial.cache.problems();
    assert.ok(problems.some(({ message }) => message.includes('is damaged and was put aside')));
    await trial.reopen();
    assert.deepEqual(trial.cache.problems(), problems, 'it is looked through once');
  });

  it('a rescue that the process did not survive is done again', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await filled(trial);
    await trial.cache.close();
    destroy(trial, [1]);
    writeFileSync(`${databaseOf(trial.directory)}.new`, 'half of a database');
    await trial.reopen();
    assert.ok(!existsSync(`${databaseOf(trial.directory)}.new`));
    await assertNothingIsLost(trial);
  });

  it('or finished', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await filled(trial);
    await trial.cache.close();
    copyFileSync(databaseOf(trial.directory), `${databaseOf(trial.directory)}.rescued`);
    destroy(trial, [1]);
    await trial.reopen();
    assert.equal(trial.cache.pending().length, files);
    await assertNothingIsLost(trial);
  });
});
