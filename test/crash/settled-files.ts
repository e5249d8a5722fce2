import assert from 'node:assert/strict';
import { apply, type Files, mayBe, type Step } from './crash-step.ts';

/** What is there, as the truth, after it was compared with what must be there, and with what the step that was interrupted may have made. */
export function settle(expected: Files, found: Files, open: Step | undefined, when: string): Files {
  const moved = open === undefined ? expected : apply(expected, open);
  const isMove = open?.kind === 'rename' || open?.kind === 'directory';
  // A rename is done or not, for all files of a directory.
  const wanted = isMove && open !== undefined && isDone(found, moved, expected) ? moved : expected;
  const names = new Set([...wanted.keys(), ...found.keys()]);
  for (const path of names) {
    const [before, now] = [wanted.get(path), found.get(path)];
    if (before !== undefined && now?.equals(before) === true) continue;
    const mayDiffer = !isMove && open?.path === path && mayBe(before, now, open);
    assert.ok(
      mayDiffer,
      `${when}: ${path} has ${now?.length} bytes, ${before?.length} were acknowledged; under way: ${JSON.stringify(open)}`,
    );
  }
  return found;
}

function isDone(found: Files, moved: Files, before: Files): boolean {
  return (
    [...moved.keys()].every((path) => found.has(path)) &&
    [...found.keys()].every((path) => moved.has(path)) &&
    differs(moved, before, found)
  );
}

/** Where both have the same names, the bytes tell. */
function differs(moved: Files, before: Files, found: Files): boolean {
  return [...moved].every(([path, bytes]) => found.get(path)?.equals(bytes) === true) || before.size !== moved.size;
}
