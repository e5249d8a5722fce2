/**
 * A process that writes files through a write-back cache until it is killed. On standard output it says, a line each, what it
 * is about to do (`begin`) and what was acknowledged (`done`), as JSON.
 */
import { writeSync } from 'node:fs';
import type { NodeTree } from '../../src/cache/node-tree.ts';
import { type WriteBackCache, withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { LocalStore } from '../../src/providers/local/local-store.ts';
import { writeBytes } from '../../src/store/operations.ts';
import { contentOf, type Step } from './crash-step.ts';

const [root = '', directory = '', seed = '0', round = '0'] = process.argv.slice(2);
const random = seededRandom(Number(seed) * 1000 + Number(round));
const attributes = { mode: 0o644, uid: 0, gid: 0 };

function say(what: 'begin' | 'done', step: Step): void {
  writeSync(1, `${JSON.stringify({ what, step })}\n`);
}

function pick(below: number): number {
  return Math.floor(random() * below);
}

/** A file somewhere in three directories. */
function somePath(): string {
  return `/d${pick(3)}/f${pick(12)}`;
}

function nextStep(number: number): Step {
  const kinds = ['write', 'write', 'store', 'store', 'append', 'rename', 'remove'] as const;
  const kind = kinds[pick(kinds.length)] ?? 'write';
  const size = pick(4) === 0 ? pick(3 << 20) : pick(20_000);
  return { kind, path: somePath(), to: somePath(), number: Number(round) * 1_000_000 + number, size };
}

async function perform(cache: WriteBackCache, step: Step): Promise<void> {
  const { tree } = cache;
  const [directory, name] = await place(tree, step.path);
  const standing = await tree.lookup(directory, name);
  if (step.kind === 'store') {
    await writeBytes(cache, step.path, contentOf(step));
  } else if (step.kind === 'remove') {
    if (standing !== undefined) await tree.remove(directory, name, 'file');
  } else if (step.kind === 'rename') {
    const [target, newName] = await place(tree, step.to);
    if (standing !== undefined) await tree.rename(directory, name, target, newName, {});
  } else {
    await writeThroughTree(tree, directory, name, step);
  }
}

async function writeThroughTree(tree: NodeTree, directory: number, name: string, step: Step): Promise<void> {
  const node = (await tree.lookup(directory, name)) ?? (await tree.createFile(directory, name, attributes));
  const file = await tree.open(node.id, { write: true, truncate: step.kind === 'write' });
  const bytes = contentOf(step);
  const start = step.kind === 'append' ? node.size : 0;
  for (let at = 0; at < bytes.length; at += 131_072) await file.write(start + at, bytes.subarray(at, at + 131_072));
  await file.flush();
  file.release();
}

async function place(tree: NodeTree, path: string): Promise<[directory: number, name: string]> {
  const [, directory = '', name = ''] = path.split('/');
  const found = await tree.lookup(tree.root, directory);
  return [(found ?? (await tree.makeDirectory(tree.root, directory, attributes))).id, name];
}

const cache = withWriteBackCache(new LocalStore({ root }), { directory, uploadDelay: 20, maxBytes: 20e6 });
for (let number = 1; ; number++) {
  const step = nextStep(number);
  say('begin', step);
  await perform(cache, step);
  say('done', step);
  if (number % 4 === 0) await new Promise((resolve) => setTimeout(resolve, pick(10)));
}
