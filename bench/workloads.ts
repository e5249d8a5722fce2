import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** One thing that is measured in a directory: of a mount, or of the plain disk. */
export interface Workload {
  readonly name: string;
  /** What one `run` does so many of, for the rate. */
  readonly unit: 'operations/s' | 'MB/s';
  /** Brings the directory into the state that `run` begins with; not measured. */
  readonly prepare: (directory: string, size: WorkloadSize) => void;
  /** Does the work and answers how much it was, in operations or megabytes of 1,000,000 bytes. */
  readonly run: (directory: string, size: WorkloadSize) => number;
  /** Whether the kernel's own caches are emptied between `prepare` and `run`. */
  readonly cold: boolean;
}

export interface WorkloadSize {
  /** Files of the metadata workloads. */
  readonly files: number;
  /** Blocks of 1 MiB of the data workloads. */
  readonly blocks: number;
}

const blockBytes = 1 << 20;
const block = Buffer.alloc(blockBytes, 'cloudfusion ');

/** What the mount is measured by, in the order of the table. */
export const workloads: readonly Workload[] = [
  { name: 'create', unit: 'operations/s', cold: false, prepare: empty, run: createFiles },
  { name: 'stat, cold', unit: 'operations/s', cold: true, prepare: filled, run: statFiles },
  { name: 'stat, warm', unit: 'operations/s', cold: false, prepare: filledAndSeen, run: statFiles },
  { name: 'ls -l, cold', unit: 'operations/s', cold: true, prepare: filled, run: listFiles },
  { name: 'unlink', unit: 'operations/s', cold: false, prepare: filled, run: unlinkFiles },
  { name: 'write, 1 MiB blocks', unit: 'MB/s', cold: false, prepare: empty, run: writeBlocks },
  { name: 'read, 1 MiB blocks, cold', unit: 'MB/s', cold: true, prepare: big, run: readBlocks },
  { name: 'read, 1 MiB blocks, warm', unit: 'MB/s', cold: false, prepare: bigAndSeen, run: readBlocks },
];

function empty(directory: string): void {
  rmSync(join(directory, 'work'), { recursive: true, force: true });
  mkdirSync(join(directory, 'work'));
}

function filled(directory: string, size: WorkloadSize): void {
  empty(directory);
  createFiles(directory, size);
}

function filledAndSeen(directory: string, size: WorkloadSize): void {
  filled(directory, size);
  statFiles(directory, size);
}

function big(directory: string, size: WorkloadSize): void {
  empty(directory);
  writeBlocks(directory, size);
}

function bigAndSeen(directory: string, size: WorkloadSize): void {
  big(directory, size);
  readBlocks(directory);
}

function fileName(directory: string, i: number): string {
  return join(directory, 'work', `file-${String(i).padStart(6, '0')}`);
}

function createFiles(directory: string, { files }: WorkloadSize): number {
  for (let i = 0; i < files; i++) closeSync(openSync(fileName(directory, i), 'wx'));
  return files;
}

function statFiles(directory: string, { files }: WorkloadSize): number {
  for (let i = 0; i < files; i++) statSync(fileName(directory, i));
  return files;
}

function listFiles(directory: string, { files }: WorkloadSize): number {
  const listed = spawnSync('ls', ['-l', join(directory, 'work')], { maxBuffer: 1 << 30 });
  if (listed.status !== 0) throw new Error(`ls: ${listed.stderr.toString()}`);
  return files;
}

function unlinkFiles(directory: string, { files }: WorkloadSize): number {
  for (let i = 0; i < files; i++) unlinkSync(fileName(directory, i));
  return files;
}

function writeBlocks(directory: string, { blocks }: WorkloadSize): number {
  const file = openSync(join(directory, 'work', 'big'), 'w');
  try {
    for (let i = 0; i < blocks; i++) writeSync(file, block);
  } finally {
    closeSync(file);
  }
  return (blocks * blockBytes) / 1e6;
}

function readBlocks(directory: string): number {
  const file = openSync(join(directory, 'work', 'big'), 'r');
  const into = Buffer.allocUnsafe(blockBytes);
  let bytes = 0;
  try {
    for (let read = 1; read > 0; bytes += read) read = readSync(file, into);
  } finally {
    closeSync(file);
  }
  return bytes / 1e6;
}

/** Empties the kernel's caches, then brings the bytes below the mount back, so that a cold read measures the mount, not the disk. */
export function dropCaches(below: string): void {
  const sync = openSync(below, 'r');
  fsyncSync(sync);
  closeSync(sync);
  const control = openSync('/proc/sys/vm/drop_caches', 'w');
  writeSync(control, '3');
  closeSync(control);
  for (const entry of readdirSync(below, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name));
  }
}
