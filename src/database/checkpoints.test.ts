import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointLimits } from './checkpoints.ts';
import { Database } from './database.ts';

const migrations = ['CREATE TABLE fact (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT'];
const limit = { timeout: 60_000 };
const page = 'x'.repeat(1000);

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-checkpoints-'));
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return join(directory, 'facts.db');
}

function open(t: TestContext, path: string, checkpoints?: CheckpointLimits): Database {
  const database = new Database(path, { migrations, checkpoints });
  t.after(() => database.close());
  return database;
}

function add(database: Database, facts: number): void {
  for (let i = 0; i < facts; i++) database.run('INSERT INTO fact (text) VALUES (?)', page);
}

function count(database: Database): number {
  assert.deepEqual({ ...database.first('PRAGMA integrity_check') }, { integrity_check: 'ok' });
  return Number(database.first('SELECT count(*) AS n FROM fact')?.['n']);
}

/** Whether the writer is alone with the file, as it is but for the time of a checkpoint. */
function isLocked(path: string): boolean {
  const other = new DatabaseSync(path);
  try {
    other.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    other.close();
  }
}

/** What is in the file without its log. */
function folded(t: TestContext, path: string): number {
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  const database = open(t, copy);
  const found = count(database);
  database.close();
  return found;
}

test('the log is folded in by somebody else while the writer goes on', limit, async (t) => {
  const path = place(t);
  const database = open(t, path, { changes: 2_000, bytes: 1 << 30 });
  add(database, 10_000);
  assert.ok(statSync(path).size < 100_000, 'nothing is folded in by those who write');
  let written = 10_000;
  for (; statSync(path).size < 8_000_000; written += 10) {
    add(database, 10);
    await sleep(1);
  }
  assert.ok(written > 10_000);
  assert.equal(count(database), written);
  database.close();
  assert.equal(count(open(t, path)), written);
});

test('all of it is in the file when the writer pauses, and the log begins anew', limit, async (t) => {
  const path = place(t);
  const database = open(t, path, { changes: 3_000, bytes: 1 << 30 });
  add(database, 3_000);
  while (isLocked(path)) await sleep(1);
  while (!isLocked(path)) await sleep(1);
  const { size } = statSync(`${path}-wal`);
  add(database, 100);
  assert.equal(statSync(`${path}-wal`).size, size, 'it is written over from its beginning');
  assert.equal(folded(t, path), 3_000);
});

test('a log that grows too long is folded in by who writes', limit, async (t) => {
  const path = place(t);
  const database = open(t, path, { changes: 500, bytes: 2_000_000 });
  let written = 0;
  for (let turn = 0; turn < 300; turn++) {
    add(database, 100);
    written += 100;
    await sleep(1);
  }
  assert.ok(statSync(`${path}-wal`).size < 25_000_000, `${statSync(`${path}-wal`).size} bytes of log`);
  assert.equal(count(database), written);
});

test('a process that is killed while the log is folded in loses nothing', limit, async (t) => {
  const path = place(t);
  const program = `
    import { Database } from '${new URL('database.ts', import.meta.url).href}';
    const database = new Database('${path}', { migrations: ${JSON.stringify(migrations)}, checkpoints: { changes: 300, bytes: 1e9 } });
    for (let written = 0; ; ) {
      for (let i = 0; i < 20; i++) database.run('INSERT INTO fact (text) VALUES (?)', '${page}');
      written += 20;
      process.stdout.write(written + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }`;
  for (let round = 0, before = 0; round < 4; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = 0;
    for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      told = Number(text.trim().split('\n').at(-1));
      if (told >= 600 + 150 * round) break;
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    const database = open(t, path);
    const found = count(database);
    assert.ok(found >= before + told, `${found} of ${before + told}`);
    before = found;
    database.close();
  }
});
