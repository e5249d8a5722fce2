import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { notNeeded, until } from '../../test/fakes/unloading-trial.ts';
import { Database } from '../database/database.ts';
import { LoadedDirectories } from './loaded-directories.ts';
import { LoadedNodes } from './loaded-nodes.ts';
import { Node } from './node.ts';
import { nodeMigrations, NodeTable } from './node-table.ts';

describe('LoadedDirectories', { timeout: 20_000 }, () => {
  let directory: string;
  let database: Database;
  let table: NodeTable;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cloudfusion-loaded-'));
    database = new Database(join(directory, 'index.db'), { migrations: nodeMigrations });
    table = new NodeTable(database);
  });
  afterEach(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });

  /** A directory of so many files in the database. */
  function stored(id: number, files: number): Node {
    const at = new Node(id, 'directory');
    database.transaction(() => {
      for (let index = 1; index <= files; index++) {
        const file = new Node(id + index, 'file');
        file.parent = id;
        file.name = `file ${index}`;
        table.save(file);
      }
    });
    return at;
  }

  it('reads a large directory in pieces, and lets others have their turn', async () => {
    const at = stored(1000, 3500);
    const directories = new LoadedDirectories(table, new LoadedNodes(), notNeeded);
    const loading = directories.load(at);
    assert.ok(loading instanceof Promise);
    assert.equal(directories.load(at), loading);
    let turns = 0;
    const turn = (): void => {
      turns++;
      if (at.children === null) setImmediate(turn);
    };
    setImmediate(turn);
    await loading;
    assert.equal(turns, 2);
    assert.equal(directories.load(at), undefined);
    assert.equal(at.children?.size, 3500);
  });

  it('completes what is being read when somebody needs it now', async () => {
    const at = stored(1000, 2500);
    const directories = new LoadedDirectories(table, new LoadedNodes(), notNeeded);
    const loading = directories.load(at);
    assert.equal(directories.children(at).size, 2500);
    await loading;
    assert.equal(directories.children(at), at.children);
  });

  it('never has two nodes of one number while somebody holds the first', async () => {
    const nodes = new LoadedNodes();
    const limits = { most: 5, fewer: 0 };
    const directories = new LoadedDirectories(table, nodes, { ...notNeeded, limits });
    const [first, second] = [stored(1000, 4), stored(2000, 4)];
    const held = [...directories.children(first).values()];
    directories.children(second);
    await until(() => nodes.held === 4);
    assert.equal(first.children, null);
    assert.equal(nodes.get(1001), held[0]);
    assert.deepEqual([...directories.children(first).values()], held);
  });
});
