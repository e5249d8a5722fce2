import { type Draft, newDraft, waitFor, waitForAside } from './plan-draft.ts';

/**
 * Topological order (Kahn), with circles broken as they are met: a move on the circle goes aside first. In steps, each of which
 * looks at a few drafts.
 */
export function* inOrder(drafts: ReadonlySet<Draft>): Generator<void, Draft[]> {
  const order: Draft[] = yield* findFollowers(drafts);
  const candidates = drafts.values();
  let waiting = candidates.next().value;
  let asides = 0;
  for (let at = 0; ; at++) {
    if (at === order.length) {
      if (order.length === drafts.size + asides) return order;
      // Whoever waits for nothing any more stands in the order.
      for (; waiting?.open === 0; waiting = candidates.next().value) yield;
      order.push(yield* moveAside(yield* moveInCircle(waiting as Draft)));
      asides++;
    }
    for (const follower of order[at]?.followers ?? []) {
      yield;
      if (--follower.open === 0) order.push(follower);
    }
    yield;
  }
}

/** Sets `followers` and `open` of all; answers those that wait for nothing. */
function* findFollowers(drafts: ReadonlySet<Draft>): Generator<void, Draft[]> {
  const free: Draft[] = [];
  for (const draft of drafts) {
    yield;
    draft.open = draft.after.size;
    if (draft.open === 0) free.push(draft);
    for (const before of draft.after) {
      yield;
      if (before.followers === undefined) before.followers = [draft];
      else before.followers.push(draft);
    }
  }
  return free;
}

/** A move on a circle of waiting operations, one that is waited for because of its position. */
function* moveInCircle(start: Draft): Generator<void, Draft> {
  const trail = new Map<Draft, number>();
  const path: Draft[] = [];
  let at = start;
  while (!trail.has(at)) {
    trail.set(at, path.length);
    path.push(at);
    at = yield* waitedFor(at);
  }
  const circle = path.slice(trail.get(at));
  for (const [i, draft] of circle.entries()) {
    yield;
    const before = circle[(i + 1) % circle.length] as Draft;
    if (before.kind === 'move' && draft.vacancies.has(before)) return before;
  }
  throw new Error('a circle of operations without a move: the planner is wrong');
}

function* waitedFor(draft: Draft): Generator<void, Draft> {
  for (const before of draft.after) {
    yield;
    if (before.open > 0) return before;
  }
  throw new Error('an operation waits for nothing that waits: the planner is wrong');
}

/** The move to a temporary name, which those wait for that only need the position of `move`. */
function* moveAside(move: Draft): Generator<void, Draft> {
  const aside = newDraft('moveAside', move.difference);
  for (const before of move.after) {
    yield;
    if (before.kind === 'verify') waitFor(aside, before);
  }
  const [freed, others]: [Draft[], Draft[]] = [[], []];
  for (const follower of move.followers ?? []) {
    yield;
    if (follower.vacancies.has(move)) {
      waitForAside(follower, move, aside);
      freed.push(follower);
    } else {
      others.push(follower);
    }
  }
  aside.followers = freed;
  move.followers = others;
  waitFor(move, aside);
  return aside;
}
