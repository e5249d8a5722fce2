import type { Difference, Operation } from './operation.ts';

/** An operation while its plan is made: what it waits for is still being found out. */
export interface Draft extends Operation {
  readonly difference: Difference;
  replaces: number | undefined;
  after: ReadonlySet<Draft>;
  /** The part of `after` that only needs a position to be left; a move aside does as well. */
  vacancies: ReadonlySet<Draft>;
  /** For `inOrder`: who waits for it, and how many it still waits for. */
  followers: Draft[] | undefined;
  open: number;
}

/** Most operations wait for nothing. */
const nothing: ReadonlySet<Draft> = new Set();

/** An operation that waits for nothing yet. */
export function newDraft(kind: Operation['kind'], difference: Difference): Draft {
  return {
    kind,
    node: difference.id,
    difference,
    replaces: undefined,
    after: nothing,
    vacancies: nothing,
    followers: undefined,
    open: 0,
  };
}

/** `draft` waits for `before`; with `vacancy` only until it has left its position. */
export function waitFor(draft: Draft, before: Draft, why?: 'vacancy'): void {
  draft.after = withMember(draft.after, before);
  if (why === 'vacancy') draft.vacancies = withMember(draft.vacancies, before);
}

/** `draft`, which waited for a move to leave its position, waits for the move aside instead. */
export function waitForAside(draft: Draft, move: Draft, aside: Draft): void {
  (draft.after as Set<Draft>).delete(move);
  (draft.vacancies as Set<Draft>).delete(move);
  waitFor(draft, aside);
}

function withMember(set: ReadonlySet<Draft>, member: Draft): ReadonlySet<Draft> {
  return set === nothing ? new Set([member]) : (set as Set<Draft>).add(member);
}
