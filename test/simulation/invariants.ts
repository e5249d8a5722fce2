import assert from 'node:assert/strict';
import type { NodeTree } from '../../src/cache/node-tree.ts';
import { childOf, nameOf, segmentsOf } from '../../src/store/path.ts';
import { contentOf } from './line.ts';
import type { Machine } from './machine.ts';
import type { Scene } from './scene.ts';
import { bytesOf } from './version-book.ts';

const copyMark = / \(conflicted copy (left|right) \d{4}-\d\d-\d\d(?: \d+)?\)/g;

/** Each version that was closed, and that nobody who had seen it gave up, is at the store or waits to be sent. */
export async function assertNothingLost({ store, book, machines, script }: Scene): Promise<void> {
  // Without preconditions somebody may overwrite what he has not seen; see docs/semantics.md.
  if (script.settings.preconditions === 'none') return;
  const required = book.required();
  const found = new Set<number>();
  for await (const entry of store.list('/', { recursive: true })) if (entry.kind === 'file') found.add(entry.size);
  for (const { cache } of Object.values(machines)) for (const { size } of cache.pending()) found.add(size);
  const lost = required.filter((number) => !found.has(number));
  assert.deepEqual(lost, [], 'versions that are lost');
}

/** Nothing is at the store that nobody made there: every file has bytes that were written, under a name that it was given, or as a copy of that. */
export async function assertNoPhantoms({ store, book }: Scene): Promise<void> {
  for await (const entry of store.list('/', { recursive: true })) {
    const [name = '', ...above] = segmentsOf(entry.path).map(withoutMark).reverse();
    for (const directory of entry.kind === 'directory' ? [name, ...above] : above)
      assert.ok(book.directoryNames.has(directory), `nobody made a directory ${directory}: ${entry.path}`);
    if (entry.kind === 'directory' || entry.size === 0) continue;
    assert.ok(book.has(entry.size) && book.fileNames.has(name), `nobody made ${entry.size} a ${entry.path}`);
    assert.deepEqual(Buffer.from(await contentOf(store, entry.path)), bytesOf(entry.size), entry.path);
  }
}

/** Whoever made a conflict copy said so. */
export async function assertReported({ store, machines }: Scene): Promise<void> {
  for await (const { path } of store.list('/', { recursive: true })) {
    const by = [...nameOf(path).matchAll(copyMark)].at(-1)?.[1];
    if (by !== 'left' && by !== 'right') continue;
    const told = machines[by].problems().filter(({ kind }) => kind === 'conflict');
    assert.ok(
      told.some(({ message }) => message.includes(nameOf(path))),
      `nobody reported ${path}`,
    );
  }
}

/** A machine shows what the store has, if `isFinal`; else it only looks. */
export async function assertAllShow(
  { store }: Scene,
  { side, cache: { tree } }: Machine,
  isFinal: boolean,
): Promise<void> {
  const shown = new Map<string, number | null>();
  await walk(tree, tree.root, '/', shown);
  if (!isFinal) return;
  const stored = new Map<string, number | null>();
  for await (const entry of store.list('/', { recursive: true }))
    stored.set(entry.path, entry.kind === 'file' ? entry.size : null);
  assert.deepEqual(inOrder(shown), inOrder(stored), `what ${side} shows, and the store has`);
}

async function walk(tree: NodeTree, directory: number, path: string, into: Map<string, number | null>): Promise<void> {
  for (const node of await tree.list(directory)) {
    const at = childOf(path, node.shownName);
    into.set(at, node.kind === 'file' ? node.size : null);
    if (node.kind === 'directory') await walk(tree, node.id, at, into);
  }
}

function inOrder(found: ReadonlyMap<string, number | null>): [string, number | null][] {
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

function withoutMark(name: string): string {
  return name.replaceAll(copyMark, '');
}
