import { writeBytes } from '../../src/store/operations.ts';
import { childOf } from '../../src/store/path.ts';
import { anyDirectory, anyFile, anyNode, attempt, nothing } from './attempt.ts';
import type { Expected, OracleNode } from './oracle.ts';
import { names, type World } from './world.ts';

export async function storeWrite(world: World): Promise<string> {
  const directory = anyDirectory(world);
  const name = world.dice.oneOf(names);
  const standing = standingFile(directory, name);
  const bytes = world.dice.bytes(world.dice.size());
  const path = childOf(directory.path, name);
  const expected = standing?.kind === 'directory' ? 'IsADirectory' : undefined;
  await attempt(world, expected, () => writeBytes(world.cache, path, bytes));
  const node = standing ?? world.oracle.add(directory, name, 'file');
  if (expected === undefined && node !== undefined) Object.assign(node, { bytes, metadata: {} });
  return `store: write ${path}: ${expected ?? bytes.length}`;
}

export async function storeMove(world: World): Promise<string> {
  const node = anyNode(world);
  return transfer(world, 'move', node.kind === 'link' ? nothing() : node);
}

export async function storeCopy(world: World): Promise<string> {
  return transfer(world, 'copy', anyFile(world));
}

export async function storeSetMetadata(world: World): Promise<string> {
  const node = anyFile(world);
  const metadata = world.dice.metadata();
  await attempt(world, undefined, () => world.cache.setMetadata(node.path, metadata));
  node.metadata = metadata;
  return `store: setMetadata ${node.path} to ${JSON.stringify(metadata)}`;
}

/** What stands at a path of the store. A name that a link is shown under is left alone: beside a file of that name it would be none. */
function standingFile(directory: OracleNode, name: string): OracleNode | undefined {
  const standing = directory.children.get(name);
  return standing?.kind === 'link' ? nothing() : standing;
}

async function transfer(world: World, kind: 'move' | 'copy', node: OracleNode): Promise<string> {
  const directory = anyDirectory(world);
  const name = world.dice.oneOf(names);
  const [from, to] = [node.path, childOf(directory.path, name)];
  const standing = standingFile(directory, name);
  const expected = expectedOfTransfer(node, directory, standing);
  await attempt(world, expected, () => world.cache[kind](from, to));
  if (expected !== undefined || standing === node) return `store: ${kind} ${from} to ${to}: ${expected}`;
  if (kind === 'move') world.oracle.rename(node, directory, name, false);
  const copy = kind === 'copy' ? (standing ?? world.oracle.add(directory, name, 'file')) : undefined;
  if (copy !== undefined) Object.assign(copy, { bytes: node.bytes, metadata: node.metadata });
  return `store: ${kind} ${from} to ${to}`;
}

function expectedOfTransfer(node: OracleNode, directory: OracleNode, standing: OracleNode | undefined): Expected {
  if (standing === node) return undefined;
  if (directory.isWithin(node)) return 'InvalidPath';
  if (standing?.kind === 'directory') return node.kind === 'file' ? 'IsADirectory' : 'AlreadyExists';
  return standing !== undefined && node.kind === 'directory' ? 'NotADirectory' : undefined;
}

export async function storeDelete(world: World): Promise<string> {
  const node = anyNode(world);
  const { storedPath: path } = node;
  const recursive = world.dice.below(3) > 0;
  const expected = node.children.size > 0 && !recursive ? 'NotEmpty' : undefined;
  await attempt(world, expected, () => world.cache.delete(path, { recursive }));
  if (expected === undefined) for (const below of [...node.all()].toReversed()) world.oracle.detach(below);
  return `store: delete ${path}: ${expected ?? 'done'}`;
}
