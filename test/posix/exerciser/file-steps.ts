import { constants, fstatSync, fsyncSync, ftruncateSync, readSync, truncateSync, writeSync } from 'node:fs';
import { Mapping } from '../memory-mapping.ts';
import { constantsOfLinux, copyFileRange, dropPages, fallocate, lseek } from '../system-calls.ts';
import type { ExerciseWorld } from './exercise-world.ts';

/** How often a step is taken, relative to the others, and what it does to the directory and to the model. */
export interface ExerciseStep {
  readonly weight: number;
  readonly run: (world: ExerciseWorld) => void | Promise<void>;
}

const maxSize = 300_000;
const maxLength = 70_000;
const page = 4096;

function read(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  const offset = world.below(file.size + 5000);
  const bytes = Buffer.alloc(world.below(maxLength) + 1);
  world.note(`read ${bytes.length} at ${offset} of ${label}`);
  const length = readSync(descriptor, bytes, 0, bytes.length, offset);
  world.compare(`read of ${label}`, offset, bytes.subarray(0, length), file.slice(offset, offset + bytes.length));
}

function write(world: ExerciseWorld): void {
  const { descriptor, file, label, appends } = world.anyOpen();
  const offset = appends ? file.size : world.below(Math.min(maxSize, file.size + 20_000));
  const data = world.data(Math.min(world.below(maxLength), maxSize - Math.min(offset, maxSize)));
  world.note(`write ${data.length} at ${offset} of ${label}${appends ? ' by O_APPEND' : ''}`);
  // Linux appends whatever the place (pwrite(2), "Bugs").
  writeSync(descriptor, data, 0, data.length, appends ? 0 : offset);
  file.write(offset, data);
}

function truncate(world: ExerciseWorld): void {
  const size = world.below(3) === 0 ? 0 : world.below(maxSize);
  const named = world.below(2) === 0 ? world.anyFile() : undefined;
  if (named === undefined) {
    const { descriptor, file, label } = world.anyOpen();
    world.note(`ftruncate ${label} from ${file.size} to ${size}`);
    ftruncateSync(descriptor, size);
    return file.resize(size);
  }
  const [name, file] = named;
  world.note(`truncate ${name} from ${file.size} to ${size}`);
  truncateSync(world.path(name), size);
  file.resize(size);
}

function writeMapped(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  if (file.size === 0) return;
  const start = world.below(file.size);
  const data = world.data(Math.min(world.below(maxLength), file.size - start));
  const sync = world.below(2) === 0;
  world.note(`map ${label} and write ${data.length} at ${start}${sync ? ', msync' : ''}`);
  const offset = start - (start % page);
  using mapping = Mapping.of(descriptor, start + data.length - offset + 1, { offset });
  mapping.bytes.set(data, start - offset);
  if (sync) mapping.sync();
  else file.mapped = true;
  file.write(start, data);
}

function readMapped(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  if (file.size === 0) return;
  const start = world.below(file.size);
  const end = Math.min(file.size, start + world.below(maxLength));
  world.note(`map ${label} and read ${start} to ${end}`);
  const offset = start - (start % page);
  using mapping = Mapping.of(descriptor, end - offset + 1, { offset, isPrivate: world.below(2) === 0 });
  world.compare(
    `mapping of ${label}`,
    start,
    mapping.bytes.subarray(start - offset, end - offset),
    file.slice(start, end),
  );
}

function stat(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  world.note(`stat ${label}`);
  const { size } = fstatSync(descriptor);
  if (size !== file.size) throw new Error(`${label}: a size of ${size} for ${file.size}`);
}

function sync(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  world.note(`fsync ${label}`);
  fsyncSync(descriptor);
  file.mapped = false;
}

function allocate(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  const [offset, length] = [world.below(maxSize / 2), world.below(maxSize / 2) + 1];
  const { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } = constantsOfLinux;
  const kind = world.pick([0, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE]);
  const keeps = kind === FALLOC_FL_PUNCH_HOLE || world.below(2) === 0;
  world.note(`fallocate ${length} at ${offset} of ${label}, mode ${kind}${keeps ? ', size kept' : ''}`);
  fallocate(descriptor, kind | (keeps ? FALLOC_FL_KEEP_SIZE : 0), offset, length);
  if (!keeps && offset + length > file.size) file.resize(offset + length);
  if (kind !== 0 && offset < file.size) file.write(offset, new Uint8Array(Math.min(length, file.size - offset)));
}

function copy(world: ExerciseWorld): void {
  const from = world.anyOpen();
  const to = world.pick(world.open);
  if (to.file === from.file || to.appends || from.file.size === 0) return;
  const [start, offset] = [world.below(from.file.size), world.below(maxSize / 2)];
  const length = Math.min(world.below(maxLength) + 1, from.file.size - start);
  world.note(`copy_file_range ${length} at ${start} of ${from.label} to ${offset} of ${to.label}`);
  const source = { descriptor: from.descriptor, offset: start };
  const copied = copyFileRange(source, { descriptor: to.descriptor, offset }, length);
  if (copied === 0) throw new Error('copy_file_range copied nothing');
  to.file.write(offset, from.file.slice(start, start + copied));
}

function seek(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  if (file.size === 0) return;
  const offset = world.below(file.size);
  world.note(`SEEK_HOLE and SEEK_DATA at ${offset} of ${label}`);
  const hole = lseek(descriptor, offset, constantsOfLinux.SEEK_HOLE);
  if (hole < offset || hole > file.size) throw new Error(`${label}: a hole at ${hole}`);
  if (hole === file.size) return;
  const behind = lseek(descriptor, 0, constantsOfLinux.SEEK_END);
  if (file.slice(hole, hole + 1)[0] !== 0) throw new Error(`${label}: the hole at ${hole} of ${behind} is none`);
}

function drop(world: ExerciseWorld): void {
  const { descriptor, file, label } = world.anyOpen();
  world.note(`drop the pages of ${label}`);
  fsyncSync(descriptor);
  file.mapped = false;
  dropPages(descriptor);
}

function direct(world: ExerciseWorld): void {
  const name = world.anyName();
  const { descriptor, file, label } = world.openName(name, constants.O_DIRECT);
  const opened = world.open.at(-1);
  const offset = world.below(20) * page;
  using memory = Mapping.anonymous((world.below(8) + 1) * page);
  const { bytes } = memory;
  if (world.below(2) === 0) {
    world.note(`read ${bytes.length} at ${offset} of ${label} by O_DIRECT`);
    const length = readSync(descriptor, bytes, 0, bytes.length, offset);
    world.compare(
      `direct read of ${label}`,
      offset,
      bytes.subarray(0, length),
      file.slice(offset, offset + bytes.length),
    );
  } else {
    world.note(`write ${bytes.length} at ${offset} of ${label} by O_DIRECT`);
    bytes.set(world.data(bytes.length));
    writeSync(descriptor, bytes, 0, bytes.length, offset);
    file.write(offset, bytes);
  }
  if (opened !== undefined) world.close(opened);
}

/** Steps upon the bytes of one file. */
export const fileSteps: readonly ExerciseStep[] = [
  { weight: 25, run: read },
  { weight: 25, run: write },
  { weight: 8, run: truncate },
  { weight: 6, run: writeMapped },
  { weight: 6, run: readMapped },
  { weight: 5, run: stat },
  { weight: 2, run: sync },
  { weight: 3, run: allocate },
  { weight: 3, run: copy },
  { weight: 2, run: seek },
  { weight: 3, run: drop },
  { weight: 3, run: direct },
];
