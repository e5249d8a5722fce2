import { writeBytes } from '../../src/store/operations.ts';
import { childOf } from '../../src/store/path.ts';
import { anyDirectory, anyFile, anyNode, attempt } from './attempt.ts';
import type { Expected, OracleNode } from './oracle.ts';
import { names, type World } from './world.ts';

export async function storeWrite(world: World): Promise<string> {
  const directory = anyDirectory(world);
  const name = world.dice.oneOf(names);
  const standing = directory.children.get(name);
  const bytes = world.dice.bytes(world.dice.size());
  const path = childOf(directory.path, name);
  const expected = standing?.kind === 'directory' ? 'IsADirectory' : undefined;
  await attempt(world, expected, () => writeBytes(world.cache, path, bytes));
  const node = standing ?? world.oracle.add(directory, name, 'file');
  if (expected === undefined && node !== undefined) node.bytes = bytes;
  return `store: write ${path}: ${expected ?? bytes.length}`;
}

export async function storeMove(world: World): Promise<string> {
  return transfer(world, 'move', anyNode(world));
}

export async function storeCopy(world: World): Promise<string> {
  return transfer(world, 'copy', anyFile(world));
}

async function transfer(world: World, kind: 'move' | 'copy', node: OracleNode): Promise<string> {
  const directory = anyDirectory(world);
  const name = world.dice.oneOf(names);
  const [from, to] = [node.path, childOf(directory.path, name)];
  const standing = directory.children.get(name);
  const expected = expectedOfTransfer(node, directory, standing);
  await attempt(world, expected, () => world.cache[kind](from, to));
  if (expected !== undefined || standing === node) return `store: ${kind} ${from} to ${to}: ${expected}`;
  if (kind === 'move') world.oracle.rename(node, directory, name, false);
  const copy = kind === 'copy' ? (standing ?? world.oracle.add(directory, name, 'file')) : undefined;
  if (copy !== undefined) copy.bytes = node.bytes;
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
  const { path } = node;
  const recursive = world.dice.below(3) > 0;
  const expected = node.children.size > 0 && !recursive ? 'NotEmpty' : undefined;
  await attempt(world, expected, () => world.cache.delete(path, { recursive }));
  if (expected === undefined) for (const below of [...node.all()].toReversed()) world.oracle.detach(below);
  return `store: delete ${path}: ${expected ?? 'done'}`;
}
