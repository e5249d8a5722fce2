import { closeSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { type CrashStep, contentOf, crashNames } from './crash-steps.ts';

/**
 * Changes files in a directory until it fails, and tells each step before it begins and after the kernel answered:
 * `node crash-writer.ts DIRECTORY SEED FIRST_VERSION`. The directory is there while the mount is: were it made here, then below the
 * mount point of a daemon that was killed before this began, nothing would ever fail.
 */
const [directory, seed, first] = process.argv.slice(2) as [string, string, string];
const next = seededRandom(Number(seed));
const random = (below: number): number => Math.floor(next() * below);
const exists = new Set<string>();

function tell(word: 'begin' | 'done', step: CrashStep): void {
  writeSync(1, `${JSON.stringify({ word, step })}\n`);
}

function choose(version: number): CrashStep {
  const name = crashNames[random(crashNames.length)] as string;
  const other = crashNames[random(crashNames.length)] as string;
  const size = random(10) === 0 ? random(3_000_000) : random(20_000);
  const kind = random(10);
  if (kind === 0 && exists.has(name)) return { kind: 'delete', name };
  if (kind === 1 && exists.has(name) && name !== other) return { kind: 'rename', name, to: other };
  return { kind: kind < 5 ? 'replace' : 'write', name, version, size };
}

function write(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(65_536, bytes.length - at));
  } finally {
    closeSync(file);
  }
}

function run(step: CrashStep): void {
  const path = join(directory, step.name);
  switch (step.kind) {
    case 'delete':
      unlinkSync(path);
      exists.delete(step.name);
      return;
    case 'rename':
      renameSync(path, join(directory, step.to));
      exists.delete(step.name);
      exists.add(step.to);
      return;
    case 'replace':
      write(`${path}.new`, contentOf(step.version, step.size));
      renameSync(`${path}.new`, path);
      exists.add(step.name);
      return;
    case 'write':
      write(path, contentOf(step.version, step.size));
      exists.add(step.name);
      return;
    default:
      step satisfies never;
  }
}

for (let version = Number(first); ; version++) {
  const step = choose(version);
  tell('begin', step);
  run(step);
  tell('done', step);
}
