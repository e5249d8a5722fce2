/** One thing that the writer does. */
export interface Step {
  /**
   * write: open, cut, write, close. append: open, write at the end, close. overwrite: open, write over the beginning, close. truncate: to
   * `size`. replace: write another file and rename it. store: a write of the `Store`. directory: rename a directory to a free name.
   */
  readonly kind:
    | 'write'
    | 'append'
    | 'overwrite'
    | 'truncate'
    | 'replace'
    | 'store'
    | 'rename'
    | 'remove'
    | 'directory';
  readonly path: string;
  /** Where a rename goes. */
  readonly to: string;
  /** Different for every step. */
  readonly number: number;
  readonly size: number;
}

/** The bytes that a step writes; no two steps have the same. */
export function contentOf({ number, size }: Step): Buffer {
  const bytes = Buffer.alloc(size, `${number} `);
  for (let at = 0; at + 4 <= size; at += 4096) bytes.writeUInt32LE(at, at);
  return bytes;
}

/** Files by path, as everything that was acknowledged made them. */
export type Files = Map<string, Buffer>;

const nothing = Buffer.alloc(0);

/** What a step makes of the files. */
export function apply(files: Files, step: Step): Files {
  const after = new Map(files);
  const { kind, path, to } = step;
  if (kind === 'remove') after.delete(path);
  else if (kind === 'directory') {
    for (const [file, bytes] of files)
      if (file.startsWith(`${path}/`)) move(after, file, to + file.slice(path.length), bytes);
  } else if (kind === 'rename') move(after, path, to, files.get(path));
  else after.set(path, made(files.get(path), step));
  return after;
}

function move(files: Files, from: string, to: string, bytes: Buffer | undefined): void {
  if (bytes === undefined || from === to) return;
  files.delete(from);
  files.set(to, bytes);
}

/** The file's content after a step that changes it. */
function made(before: Buffer = nothing, step: Step): Buffer {
  if (step.kind === 'append') return Buffer.concat([before, contentOf(step)]);
  if (step.kind === 'overwrite') return Buffer.concat([contentOf(step), before.subarray(step.size)]);
  if (step.kind === 'truncate') return Buffer.concat([before, Buffer.alloc(step.size)]).subarray(0, step.size);
  return contentOf(step);
}

/**
 * Whether `found` may stand at the path of a step that was not acknowledged. A rename, a removal, a replacement and a write of the `Store`
 * are done or not. A write through an open file may be there in part: the file cut, or changed by the first bytes.
 */
export function mayBe(before: Buffer | undefined, found: Buffer | undefined, step: Step): boolean {
  if (same(before, found)) return true;
  if (step.kind !== 'write' && step.kind !== 'append' && step.kind !== 'overwrite')
    return (
      same(apply(filesWith(before, step), step).get(step.path), found) ||
      (step.kind === 'truncate' && found?.length === 0 && before === undefined)
    );
  if (found === undefined) return false;
  const start = step.kind === 'append' ? (before ?? nothing) : nothing;
  const whole = Buffer.concat([start, contentOf(step)]);
  const rest = step.kind === 'overwrite' ? (before ?? nothing) : nothing;
  let changed = 0;
  while (changed < found.length && found[changed] === whole[changed]) changed++;
  return changed >= start.length && found.equals(Buffer.concat([whole.subarray(0, changed), rest.subarray(changed)]));
}

function filesWith(content: Buffer | undefined, { path }: Step): Files {
  return new Map(content === undefined ? [] : [[path, content]]);
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
