import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { notNeeded, until } from '../../test/fakes/unloading-trial.ts';
import { Database } from '../database/database.ts';
import { StoreError } from '../store/errors.ts';
import { LoadedDirectories, type LoadedDirectoriesParts } from './loaded-directories.ts';
import { LoadedNodes } from './loaded-nodes.ts';
import { Node } from './node.ts';
import { nodeMigrations, NodeTable } from './node-table.ts';
import { nextTurn } from './turns.ts';

describe('unloading directories', { timeout: 20_000 }, () => {
  let folder: string;
  let database: Database;
  let table: NodeTable;
  let nodes: LoadedNodes;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cloudfusion-unloading-'));
    database = new Database(join(folder, 'index.db'), { migrations: nodeMigrations });
    table = new NodeTable(database);
    nodes = new LoadedNodes();
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  function open(parts: Partial<LoadedDirectoriesParts>): LoadedDirectories {
    return new LoadedDirectories(table, nodes, { ...notNeeded, ...parts });
  }

  /** Makes a directory, as the listing of the one above it does. */
  function make(directories: LoadedDirectories, id: number): Node {
    const directory = new Node(id, 'directory');
    directories.hold(directory);
    return directory;
  }

  /** Adds so many files to it, as its own first listing does. */
  function fill(directories: LoadedDirectories, directory: Node, files: number): void {
    database.transaction(() => {
      for (let index = 1; index <= files; index++) {
        const file = new Node(directory.id + index, 'file');
        file.parent = directory.id;
        file.name = `file ${index}`;
        directories.children(directory).set(file.name, file);
        directories.hold(file);
        table.save(file);
      }
    });
  }

  const few = { most: 25, fewer: 14 };

  it('begins when new nodes are too many, though nothing is read', async () => {
    const directories = open({ limits: few });
    const made = [1000, 2000, 3000].map((id) => make(directories, id));
    for (const directory of made) fill(directories, directory, 10);
    assert.equal(nodes.held, 33);
    await until(() => nodes.held <= few.fewer);
    assert.deepEqual(
      made.map(({ children }) => children?.size),
      [undefined, undefined, 10],
    );
    assert.equal(directories.children(made[0] as Node).size, 10);
  });

  it('goes by when somebody looked into them', async () => {
    const directories = open({ limits: { most: 25, fewer: 16 } });
    const made = [1000, 2000, 3000].map((id) => make(directories, id));
    fill(directories, made[0] as Node, 10);
    fill(directories, made[1] as Node, 10);
    directories.children(made[0] as Node);
    fill(directories, made[2] as Node, 3);
    await until(() => nodes.held <= 16);
    assert.deepEqual(
      made.map(({ children }) => children?.size),
      [10, undefined, 3],
    );
  });

  it('does it in pieces, between which others have their turn', async () => {
    const directories = open({ limits: { most: 4000, fewer: 100 } });
    const [large, small] = [make(directories, 10_000), make(directories, 20_000)];
    fill(directories, large, 4000);
    fill(directories, small, 10);
    assert.ok((await until(() => nodes.held <= 100)) >= 7);
  });

  it('leaves what was read again meanwhile, and what has moved on', async () => {
    const directories = open({ limits: { most: 4000, fewer: 100 } });
    const [large, small] = [make(directories, 10_000), make(directories, 20_000)];
    fill(directories, large, 4000);
    const moved = large.children?.get('file 4000') as Node;
    fill(directories, small, 10);
    await until(() => large.children === null && nodes.held < 3500);
    moved.parent = small.id;
    directories.children(small).set(moved.name, moved);
    table.save(moved);
    assert.equal(directories.children(large).size, 3999);
    const held = nodes.held;
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    assert.ok(held >= 4010);
    assert.equal(nodes.held, held);
    assert.equal(nodes.get(moved.id), moved);
  });

  it('keeps what is needed, and lets go of it when it is not any more', async () => {
    const needed = new Set<Node>();
    const directories = open({ isNeeded: (node) => needed.has(node), limits: few });
    const [first, second, third] = [make(directories, 1000), make(directories, 2000), make(directories, 3000)];
    fill(directories, first, 10);
    for (const file of directories.children(first).values()) needed.add(file);
    fill(directories, second, 10);
    fill(directories, third, 3);
    await until(() => first.children === null && second.children === null && nodes.held === 16);
    const kept = nodes.get(1001);
    assert.ok(kept !== undefined && needed.has(kept));
    needed.clear();
    fill(directories, make(directories, 4000), 12);
    await until(() => nodes.held <= 17);
    assert.equal(directories.children(first).get('file 1'), kept);
  });

  it('saves times before, and goes on where the disk is full', async () => {
    let saved = 0;
    const directories = open({
      limits: few,
      *saveTimes() {
        yield void saved++;
        throw new StoreError('QuotaExceeded', { message: 'the disk is full' });
      },
    });
    const [first, second] = [make(directories, 1000), make(directories, 2000)];
    fill(directories, first, 20);
    fill(directories, second, 10);
    await until(() => nodes.held === 12);
    assert.equal(saved, 1);
    assert.equal(first.children, null);
  });

  it('ends when it is closed', async () => {
    const directories = open({ limits: few });
    const [first, second] = [make(directories, 1000), make(directories, 2000)];
    fill(directories, first, 20);
    fill(directories, second, 10);
    directories.close();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    assert.equal(nodes.held, 32);
  });
});
