/** One thing that the writer does. */
export interface Step {
  /** write: open, cut, write, close. append: open, write at the end, close. store: a write of the `Store`. */
  readonly kind: 'write' | 'append' | 'store' | 'rename' | 'remove';
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

/** What a step makes of the files. */
export function apply(files: Files, step: Step): Files {
  const after = new Map(files);
  const before = files.get(step.path);
  if (step.kind === 'write' || step.kind === 'store') after.set(step.path, contentOf(step));
  else if (step.kind === 'append') after.set(step.path, Buffer.concat([before ?? Buffer.alloc(0), contentOf(step)]));
  else if (step.kind === 'remove') after.delete(step.path);
  else if (before !== undefined && step.path !== step.to) {
    after.delete(step.path);
    after.set(step.to, before);
  }
  return after;
}

/**
 * Whether `found` may stand at the path of a step that was not acknowledged. A rename, a removal and a write of the `Store`
 * are done or not. A write through an open file may be there in part: the file cut, or longer by the first bytes.
 */
export function mayBe(before: Buffer | undefined, found: Buffer | undefined, step: Step): boolean {
  if (same(before, found)) return true;
  if (step.kind !== 'write' && step.kind !== 'append')
    return same(apply(filesWith(before, step), step).get(step.path), found);
  if (found === undefined) return false;
  const start = step.kind === 'append' ? (before ?? Buffer.alloc(0)) : Buffer.alloc(0);
  return same(Buffer.concat([start, contentOf(step)]).subarray(0, found.length), found) && found.length >= start.length;
}

function filesWith(content: Buffer | undefined, { path }: Step): Files {
  return new Map(content === undefined ? [] : [[path, content]]);
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
