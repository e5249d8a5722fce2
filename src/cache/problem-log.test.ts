import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { Database } from '../database/database.ts';
import { ProblemLog } from './problem-log.ts';
import { ProblemTable, problemTable } from './problem-table.ts';

const day = 24 * 3600 * 1000;

function newTable(t: TestContext): ProblemTable {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-problems-'));
  const database = new Database(join(directory, 'index.db'), { migrations: [problemTable] });
  t.after(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });
  return new ProblemTable(database);
}

it('remembers the newest hundred that are to last, and no others', (t) => {
  const table = newTable(t);
  const log = new ProblemLog(table);
  log.add({ kind: 'upload', path: '/u', message: 'of this run' });
  for (let i = 0; i < 105; i++) log.addLasting({ kind: 'conflict', path: `/${i}`, message: 'both' });
  const paths = new ProblemLog(table).all().map(({ path }) => path);
  assert.deepEqual(
    paths,
    Array.from({ length: 100 }, (_, i) => `/${i + 5}`),
  );
});

it('forgets what is older than thirty days', (t) => {
  const table = newTable(t);
  const problem = { kind: 'conflict' as const, message: 'both' };
  table.add({ ...problem, at: Date.now() - 31 * day, path: '/old' }, 100);
  table.add({ ...problem, at: Date.now() - 29 * day, path: '/young' }, 100);
  assert.deepEqual(
    new ProblemLog(table).all().map(({ path }) => path),
    ['/young'],
  );
});
