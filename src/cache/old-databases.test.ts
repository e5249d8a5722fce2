import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { releasedSchemas } from '../../test/fakes/released-schemas.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';
import type { FileEntry } from '../store/store.ts';
import { nodeMigrations } from './node-table.ts';

const limit = { timeout: 20_000 };

/** The version from which on small contents may be rows. */
const inlineFrom = 7;

function schemaOf(database: DatabaseSync): string {
  const rows = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all();
  return rows.map(({ sql }) => (sql as string).replaceAll(/\s+/g, ' ')).join(';\n  ');
}

/** A cache directory as a program of that version left it: one clean file, one that is not sent, one whose removal is not sent. */
function writtenBy(version: number, clean: FileEntry, removed: FileEntry): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-cache-'));
  const database = new DatabaseSync(join(directory, 'index.db'));
  database.exec(
    `${releasedSchemas[version - 1]}; PRAGMA user_version = ${version}; INSERT INTO counter VALUES ('node', 10016)`,
  );
  const columns = `id, directory, parent, name, size, synced_parent, synced_name, revision, synced_size, synced_modified,
    content, content_dirty, dirty, modified, changed, mode, uid, gid, content_version, writing, accessed, conflict, listed_at, dirtied_at`;
  const insert = database.prepare(
    `INSERT INTO node (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1e12, 1e12, 493, 0, 0, 1, 0, 0, 0, 0, 1e12)`,
  );
  insert.run(16, 1, null, '', 0, null, null, null, null, null, 0, 0, 0);
  insert.run(17, 1, 16, 'd', 0, 16, 'd', null, 0, 0, 0, 0, 0);
  insert.run(18, 0, 17, 'clean', clean.size, 17, 'clean', clean.revision ?? null, clean.size, clean.modified, 0, 0, 0);
  insert.run(19, 0, 17, 'unsent', 6, null, null, null, null, null, 1, 1, 1);
  insert.run(
    20,
    0,
    null,
    'removed',
    0,
    17,
    'removed',
    removed.revision ?? null,
    removed.size,
    removed.modified,
    0,
    0,
    1,
  );
  if (version >= inlineFrom) {
    database.prepare('INSERT INTO inline_content VALUES (1, 1e12, ?)').run(Buffer.from('unsent'));
  } else {
    mkdirSync(join(directory, 'data', '01'), { recursive: true });
    writeFileSync(join(directory, 'data', '01', '1'), 'unsent');
  }
  database.close();
  return directory;
}

describe('the format of the database', () => {
  it('has a frozen text for each of its versions', () => {
    assert.equal(
      releasedSchemas.length,
      nodeMigrations.length,
      'a new version is added to test/fakes/released-schemas.ts',
    );
  });

  for (const [index, schema] of releasedSchemas.entries()) {
    const version = index + 1;
    it(`version ${version}: the migrations up to it make what was released`, () => {
      const database = new DatabaseSync(':memory:');
      for (const sql of nodeMigrations.slice(0, version)) database.exec(sql);
      assert.equal(schemaOf(database), schema);
      database.close();
    });

    it(`version ${version}: is opened, and goes on where it was`, limit, async (t) => {
      const store = new MemoryStore();
      const clean = await writeBytes(store, '/d/clean', 'clean');
      const removed = await writeBytes(store, '/d/removed', 'removed');
      const trial = new CacheTrial(t, { store, directory: writtenBy(version, clean, removed) });
      const pending = trial.cache.pending().map(({ change, path }) => `${change} ${path}`);
      assert.deepEqual(pending.toSorted(), ['create /d/unsent', 'delete /d/removed']);
      assert.deepEqual(trial.cache.problems(), []);
      assert.equal(await trial.text('/d/unsent'), 'unsent');
      assert.equal(await trial.text('/d/clean'), 'clean');
      await trial.cache.drain();
      assert.deepEqual(await contentsOf(store), { '/d': null, '/d/clean': 'clean', '/d/unsent': 'unsent' });
      await trial.cache.close();
      const database = new DatabaseSync(join(trial.directory, 'index.db'));
      assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], nodeMigrations.length);
      assert.equal(schemaOf(database), releasedSchemas.at(-1));
      database.close();
    });
  }
});
