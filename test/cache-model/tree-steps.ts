import assert from 'node:assert/strict';
import type { OpenFile, Ownership } from '../../src/cache/node-tree.ts';
import { childOf } from '../../src/store/path.ts';
import { anyDirectory, anyFile, anyNode, assertSame, attempt, idOf, nothing } from './attempt.ts';
import { type Expected, type OracleNode, resized, written } from './oracle.ts';
import { names, type World } from './world.ts';

export const nobody: Ownership = { mode: 0o644, uid: 1000, gid: 1000 };

export async function create(world: World): Promise<string> {
  const { dice, tree, oracle } = world;
  const directory = anyDirectory(world);
  const name = dice.oneOf(names);
  const id = await idOf(world, directory);
  const expected = directory.children.has(name) ? 'AlreadyExists' : undefined;
  const made = await attempt(world, expected, () => tree.createFile(id, name, nobody));
  if (made === undefined) return `create ${childOf(directory.path, name)}: exists`;
  const node = oracle.add(directory, name, 'file') as OracleNode;
  node.id = made.id;
  if (dice.below(3) > 0) await writeSome(world, node, await opened(world, node, false));
  return `create ${node.path}, ${node.bytes.length} bytes`;
}

export async function save(world: World): Promise<string> {
  const node = anyFile(world);
  const file = await opened(world, node, true);
  node.bytes = new Uint8Array(0);
  await writeSome(world, node, file);
  return `save ${node.path}, ${node.bytes.length} bytes`;
}

export async function writeAt(world: World): Promise<string> {
  const { dice } = world;
  const known = world.opened.length > 0 && dice.below(2) === 0 ? dice.oneOf(world.opened) : undefined;
  const node = known?.node ?? anyFile(world);
  const file = known?.file ?? (await opened(world, node, false));
  const offset = dice.below(node.bytes.length + 50);
  const data = dice.bytes(1 + dice.size());
  await attempt(world, undefined, () => file.write(offset, data));
  node.bytes = written(node.bytes, offset, data);
  if (known === undefined) finish(world, node, file);
  return `write ${node.path} at ${offset}, ${data.length} bytes`;
}

/** Opens a node's file; `finish` it. */
async function opened(world: World, node: OracleNode, truncate: boolean): Promise<OpenFile> {
  const id = await idOf(world, node);
  return (await attempt(world, undefined, () => world.tree.open(id, { write: true, truncate }))) as OpenFile;
}

async function writeSome(world: World, node: OracleNode, file: OpenFile): Promise<void> {
  const data = world.dice.bytes(world.dice.size());
  if (data.length > 0) await attempt(world, undefined, () => file.write(0, data));
  node.bytes = written(node.bytes, 0, data);
  finish(world, node, file);
}

/** Sometimes the file stays open for later. */
function finish(world: World, node: OracleNode, file: OpenFile): void {
  if (world.dice.below(4) === 0) world.opened.push({ node, file });
  else file.release();
}

export async function truncate(world: World): Promise<string> {
  const node = anyFile(world);
  const id = await idOf(world, node);
  const size = world.dice.below(node.bytes.length + 100);
  await attempt(world, undefined, () => world.tree.truncate(id, size));
  node.bytes = resized(node.bytes, size);
  return `truncate ${node.path} to ${size}`;
}

export async function makeDirectory(world: World): Promise<string> {
  const directory = anyDirectory(world);
  const name = world.dice.oneOf(names);
  const id = await idOf(world, directory);
  const expected = directory.children.has(name) ? 'AlreadyExists' : undefined;
  const made = await attempt(world, expected, () => world.tree.makeDirectory(id, name, nobody));
  const node = world.oracle.add(directory, name, 'directory');
  if (node !== undefined) node.id = made?.id;
  return `mkdir ${childOf(directory.path, name)}${node === undefined ? ': exists' : ''}`;
}

export async function rename(world: World): Promise<string> {
  const { oracle, dice, tree } = world;
  const node = anyNode(world);
  const from = node.parent as OracleNode;
  const [to, name, noReplace] = [anyDirectory(world), dice.oneOf(names), dice.below(10) === 0];
  const before = node.path;
  await idOf(world, node);
  const [fromId, toId] = [await idOf(world, from), await idOf(world, to)];
  // What is known already is served when the network fails, so that the rename itself cannot fail any more.
  const standing = to.children.get(name);
  for (const id of [toId, standing?.kind === 'directory' ? await idOf(world, standing) : toId])
    await attempt(world, undefined, () => tree.list(id));
  const { name: oldName } = node;
  const expected = oracle.rename(node, to, name, noReplace);
  await attempt(world, expected, () => tree.rename(fromId, oldName, toId, name, { noReplace })).catch(
    (cause: unknown) => {
      throw new Error(`the rename of ${before} failed`, { cause });
    },
  );
  return `rename ${before} to ${childOf(to.path, name)}: ${expected ?? 'done'}`;
}

export async function exchange(world: World): Promise<string> {
  const [one, other] = [anyNode(world), anyNode(world)];
  const said = `exchange ${one.path} and ${other.path}`;
  await idOf(world, one);
  await idOf(world, other);
  const [from, to] = [await idOf(world, one.parent as OracleNode), await idOf(world, other.parent as OracleNode)];
  const [name, otherName] = [one.name, other.name];
  const expected = one === other || !(one.isWithin(other) || other.isWithin(one)) ? undefined : 'InvalidPath';
  await attempt(world, expected, () => world.tree.rename(from, name, to, otherName, { exchange: true }));
  world.oracle.exchange(one, other);
  return `${said}: ${expected ?? 'done'}`;
}

export async function unlink(world: World): Promise<string> {
  const node = anyNode(world);
  if (node.kind === 'directory') nothing();
  return remove(world, node, world.dice.below(10) === 0 ? 'directory' : 'file');
}

export async function removeDirectory(world: World): Promise<string> {
  return remove(world, anyNode(world), 'directory');
}

async function remove(world: World, node: OracleNode, kind: 'file' | 'directory'): Promise<string> {
  const { path, name } = node;
  const parent = await idOf(world, node.parent as OracleNode);
  await idOf(world, node);
  const expected = expectedOfRemove(node, kind);
  await attempt(world, expected, () => world.tree.remove(parent, name, kind));
  world.oracle.remove(node, kind);
  return `remove ${kind} ${path}: ${expected ?? 'done'}`;
}

function expectedOfRemove(node: OracleNode, kind: 'file' | 'directory'): Expected {
  const isDirectory = node.kind === 'directory';
  if (isDirectory !== (kind === 'directory')) return isDirectory ? 'IsADirectory' : 'NotADirectory';
  return node.children.size > 0 ? 'NotEmpty' : undefined;
}

export async function read(world: World): Promise<string> {
  const known = world.opened.length > 0 && world.dice.below(2) === 0 ? world.dice.oneOf(world.opened) : undefined;
  const node = known?.node ?? anyFile(world);
  const file = known?.file ?? (await opened(world, node, false));
  const offset = world.dice.below(node.bytes.length + 10);
  const length = world.dice.size();
  try {
    const into = new Uint8Array(length);
    const answer = await attempt<number | Uint8Array | undefined>(world, undefined, () => file.read(offset, into));
    const bytes = typeof answer === 'number' ? into.subarray(0, answer) : answer;
    assert.ok(bytes);
    assertSame(bytes, node.bytes.subarray(offset, offset + length), `${node.path} from ${offset}`);
  } finally {
    if (known === undefined) file.release();
  }
  return `read ${node.path} from ${offset}`;
}

export async function release(world: World): Promise<string> {
  const [last] = world.opened.splice(world.dice.below(Math.max(1, world.opened.length)), 1);
  last?.file.release();
  return `release ${last?.node.path ?? 'nothing'}`;
}

/** What others write may be seen or not yet; the rest is exactly what is known. */
export async function list(world: World): Promise<string> {
  const directory = anyDirectory(world);
  const id = await idOf(world, directory);
  const found = (await attempt(world, undefined, () => world.tree.list(id))) ?? [];
  const ours = found.filter(({ shownName }) => !shownName.startsWith('theirs'));
  assert.deepEqual(
    ours.map(({ shownName }) => shownName).toSorted(),
    [...directory.children.keys()].toSorted(),
    directory.path,
  );
  return `list ${directory.path}`;
}
