import assert from 'node:assert/strict';
import { isStoreError } from '../../src/store/errors.ts';
import type { Expected, OracleNode } from './oracle.ts';
import type { World } from './world.ts';

/** The network failed a call, which then did nothing. */
export class CallFailed extends Error {}

/** The node's number, found from the root as the kernel does. */
export async function idOf(world: World, node: OracleNode): Promise<number> {
  if (node.parent === null) return world.tree.root;
  const directory = await idOf(world, node.parent);
  const found = await attempt(world, undefined, () => world.tree.lookup(directory, node.name));
  assert.ok(found, `${node.path} is not in the tree`);
  assert.equal(found.link ? 'link' : found.kind, node.kind, node.path);
  node.id ??= found.id;
  assert.equal(found.id, node.id, `the number of ${node.path}`);
  return found.id;
}

/** The answer of a call that must end as expected, unless the network fails it. */
export async function attempt<T>(world: World, expected: Expected, call: () => T | Promise<T>): Promise<T | undefined> {
  try {
    const answer = await call();
    assert.equal(undefined, expected, `the call should have failed with ${expected}`);
    return answer;
  } catch (error) {
    if (!isStoreError(error)) throw error;
    if (world.isFaulty && (error.code === 'Unavailable' || error.code === 'RateLimited')) throw new CallFailed();
    if (error.code !== expected) throw error;
    return undefined;
  }
}

export function anyNode(world: World): OracleNode {
  const all = [...world.oracle.root.all()].filter((node) => node !== world.oracle.root);
  return all.length === 0 ? nothing() : world.dice.oneOf(all);
}

export function anyFile(world: World): OracleNode {
  const files = [...world.oracle.root.all()].filter(({ kind }) => kind === 'file');
  return files.length === 0 ? nothing() : world.dice.oneOf(files);
}

export function anyDirectory(world: World): OracleNode {
  return world.dice.oneOf([...world.oracle.root.all()].filter(({ kind }) => kind === 'directory'));
}

/** Ends a step that has nothing to do. */
export function nothing(): never {
  throw new CallFailed();
}

/** Fails with the first difference only: the bytes are noise. */
export function assertSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = expected.findIndex((byte, i) => actual[i] !== byte);
  assert.fail(`${what}: ${actual.length} bytes, expected ${expected.length}; the first difference is at ${at}`);
}
