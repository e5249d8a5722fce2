import assert from 'node:assert/strict';
import { childOf } from '../../src/store/path.ts';
import { anyDirectory, anyFile, anyNode, attempt, idOf, nothing } from './attempt.ts';
import { nobody } from './tree-steps.ts';
import { names, type World } from './world.ts';

export async function changeMode(world: World): Promise<string> {
  const node = anyFile(world);
  const id = await idOf(world, node);
  node.mode = world.dice.oneOf([0o644, 0o755, 0o600]);
  world.tree.setAttributes(id, { mode: node.mode });
  return `chmod ${node.path} to ${node.mode.toString(8)}`;
}

/** One of the names can be no metadata, so that attribute stays in the cache. */
export async function changeAttribute(world: World): Promise<string> {
  const node = anyNode(world);
  if (node.kind === 'link') nothing();
  const id = await idOf(world, node);
  const name = world.dice.oneOf(['user.x', 'user.y', 'user.Not a name']);
  const text = world.dice.below(4) === 0 ? undefined : world.dice.oneOf(['', 'ä', '2']);
  world.tree.setAttribute(id, name, text === undefined ? undefined : Buffer.from(text));
  if (text === undefined) node.attributes.delete(name);
  else node.attributes.set(name, text);
  return `setxattr ${node.path} ${name} to ${JSON.stringify(text)}`;
}

export async function makeLink(world: World): Promise<string> {
  const directory = anyDirectory(world);
  const name = world.dice.oneOf(names);
  const id = await idOf(world, directory);
  const target = world.dice.oneOf(['a', '../b', '/c d/ä', 'x'.repeat(4095)]);
  const expected = directory.children.has(name) ? 'AlreadyExists' : undefined;
  const made = await attempt(world, expected, () => world.tree.makeLink(id, name, target, nobody));
  const node = world.oracle.add(directory, name, 'link');
  if (node !== undefined) Object.assign(node, { id: made?.id, bytes: Buffer.from(target) });
  return `symlink ${childOf(directory.path, name)}: ${expected ?? `${target.length} bytes`}`;
}

export async function readLink(world: World): Promise<string> {
  const node = anyNode(world);
  if (node.kind !== 'link') nothing();
  const id = await idOf(world, node);
  const target = await attempt(world, undefined, () => world.tree.readLink(id));
  assert.equal(target, Buffer.from(node.bytes).toString(), node.path);
  return `readlink ${node.path}`;
}
