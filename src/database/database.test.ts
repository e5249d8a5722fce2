import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Database, NewerDatabaseError } from './database.ts';

const first = 'CREATE TABLE fact (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT';
const second =
  "ALTER TABLE fact ADD COLUMN source TEXT NOT NULL DEFAULT 'unknown'; CREATE INDEX by_text ON fact (text)";

/** The path of a database that goes with the test. */
function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-database-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'facts.db');
}

function open(t: TestContext, path: string, migrations: readonly string[] = [first]): Database {
  const database = new Database(path, { migrations });
  t.after(() => database.close());
  return database;
}

function facts(database: Database): unknown[] {
  return database.all('SELECT text FROM fact ORDER BY id').map(({ text }) => text);
}

function add(database: Database, text: string): void {
  database.run('INSERT INTO fact (text) VALUES (?)', text);
}

test('what was written is there after closing and opening', (t) => {
  const path = place(t);
  const database = open(t, path);
  add(database, 'water is wet');
  database.close();
  database.close();
  assert.deepEqual(facts(open(t, path)), ['water is wet']);
});

test('first answers one row, or undefined', (t) => {
  const database = open(t, place(t));
  add(database, 'a');
  assert.equal(database.first('SELECT text FROM fact WHERE id = ?', 1)?.['text'], 'a');
  assert.equal(database.first('SELECT text FROM fact WHERE id = ?', 2), undefined);
});

test('each migration runs once, in order, on old and new files alike', (t) => {
  const path = place(t);
  const old = open(t, path);
  add(old, 'old');
  old.close();
  for (let i = 0; i < 2; i++) {
    const database = open(t, path, [first, second]);
    assert.deepEqual({ ...database.first('SELECT text, source FROM fact') }, { text: 'old', source: 'unknown' });
    database.close();
  }
  assert.deepEqual(open(t, place(t), [first, second]).all('SELECT source FROM fact'), []);
});

test('a file of a newer version is refused and left alone', (t) => {
  const path = place(t);
  open(t, path, [first, second]).close();
  assert.throws(
    () => new Database(path, { migrations: [first] }),
    (error) =>
      error instanceof NewerDatabaseError && error.message.includes(path) && /format 2.* 1/.test(error.message),
  );
  assert.deepEqual(open(t, path, [first, second]).all('SELECT source FROM fact'), []);
});

test('a migration that fails leaves the version before it', (t) => {
  const path = place(t);
  const old = open(t, path);
  add(old, 'kept');
  old.close();
  assert.throws(
    () => new Database(path, { migrations: [first, `${second}; SELECT nonsense FROM nowhere`] }),
    /nowhere/,
  );
  const database = open(t, path, [first, second]);
  assert.deepEqual({ ...database.first('SELECT text, source FROM fact') }, { text: 'kept', source: 'unknown' });
});

test('a transaction that throws leaves nothing, and throws the same', (t) => {
  const database = open(t, place(t));
  const reason = new Error('changed my mind');
  const work = (): void => {
    add(database, 'a');
    database.transaction(() => add(database, 'b'));
    throw reason;
  };
  assert.throws(
    () => database.transaction(work),
    (error) => error === reason,
  );
  assert.deepEqual(facts(database), []);
  assert.equal(
    database.transaction(() => (add(database, 'c'), 'answer')),
    'answer',
  );
  assert.deepEqual(facts(database), ['c']);
});

test('an inner transaction belongs to the outer, also when it fails and that is caught', (t) => {
  const database = open(t, place(t));
  database.transaction(() => {
    add(database, 'a');
    assert.throws(() => database.transaction(() => database.run('INSERT INTO fact (text) VALUES (NULL)')));
    add(database, 'b');
  });
  assert.deepEqual(facts(database), ['a', 'b']);
});

test('a commit is in the files at once, and durable after makeDurable', async (t) => {
  const path = place(t);
  const database = open(t, path);
  add(database, 'a');
  await database.makeDurable();
  const copy = place(t);
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
  assert.deepEqual(facts(open(t, copy)), ['a']);
});

test('makeDurable works before anything was written', async (t) => {
  const path = place(t);
  open(t, path).close();
  await open(t, path).makeDurable();
});

test('a file that is no database is refused', (t) => {
  const path = place(t);
  copyFileSync(import.meta.filename, path);
  assert.throws(() => new Database(path, { migrations: [first] }), /not a database/);
});
