/**
 * From differences to remote operations: a pure function.
 *
 * Every position `(directory node, name)` is held by at most one node at the store (`synced`) and wanted by at most one node
 * here (`parent`, `name`). An operation waits for others for one of three reasons:
 *
 * - **arrival**: the directory it goes into, or one above, must be made or moved first;
 * - **vacancy**: the position it wants must be left by the node that holds it;
 * - **emptying**: a directory is deleted after everything has left it.
 *
 * A removed file gives up its position to a file without a delete between: the new one replaces it. Waiting in a circle
 * (two names swapped) always passes through a move; that node is moved aside under a temporary name at the root first.
 *
 * A node that was lost sight of on its way to the store is looked for before anything else is done about it, or in it, or
 * about the places where it may stand: what arrived unseen must be moved or deleted, not forgotten. Only what would be sent
 * just so again is: the store, or a comparison with what it has, tells that it was there already.
 *
 * No step destroys the only copy of a version: deletes name what the user removed, and a replacement replaces such a file only.
 */

/** What the planner must know of a node that differs from the store. `Node` is one. */
export interface Difference {
  readonly id: number;
  readonly kind: 'file' | 'directory';
  /** Where the user has it; null when he removed it. */
  readonly parent: number | null;
  readonly name: string;
  /** Where the store has it; null when it does not. */
  readonly synced: { readonly parent: number; readonly name: string } | null;
  /** Where it may have arrived, the answer lost; null when it is known where the store has it. */
  readonly sent: { readonly parent: number; readonly name: string; readonly version: number } | null;
  readonly contentDirty: boolean;
  /** Mode or extended attributes differ from what the store has; they go with the content where that is sent. */
  readonly metadataDirty: boolean;
  readonly contentVersion: number;
}

/** One call of the store, and what it waits for. */
export interface Operation {
  /** `moveAside` goes to a temporary name at the root; `verify` looks where a node is that was lost sight of, and calls for a new plan. */
  readonly kind: 'makeDirectory' | 'upload' | 'setMetadata' | 'move' | 'moveAside' | 'delete' | 'verify';
  readonly node: number;
  /** The removed file that stands at the target and is replaced; its delete is part of this operation. */
  readonly replaces?: number | undefined;
  /** Operations of this plan that must have succeeded before. */
  readonly after: ReadonlySet<Operation>;
}

/**
 * The operations that make the store equal to the tree, in an order in which each stands behind all it waits for.
 *
 * @param parentOf the user's parent directory of any node, changed or not; null for the root
 */
export function plan(differences: readonly Difference[], parentOf: (node: number) => number | null): Operation[] {
  const drafts = draftOperations(differences);
  waitForArrivals(drafts, parentOf);
  waitForVacancies(drafts, differences);
  waitForEmptying(drafts, differences);
  waitForCertainty(drafts, differences, parentOf);
  return ordered(drafts);
}

interface Draft {
  readonly kind: Operation['kind'];
  readonly node: Difference;
  replaces?: number | undefined;
  readonly after: Set<Draft>;
  /** The part of `after` that only needs a position to be left; a move aside does as well. */
  readonly vacancies: Set<Draft>;
}

interface Drafts {
  readonly all: Set<Draft>;
  /** After it, the node stands where the user has it. */
  readonly arrivals: Map<number, Draft>;
  /** After it, the position where the store has the node is free. */
  readonly departures: Map<number, Draft>;
  /** After it, it is known where the store has the node. */
  readonly verifications: Map<number, Draft>;
}

function draftOperations(differences: readonly Difference[]): Drafts {
  const drafts: Drafts = { all: new Set(), arrivals: new Map(), departures: new Map(), verifications: new Map() };
  const draft = (kind: Draft['kind'], node: Difference): Draft => {
    const made: Draft = { kind, node, after: new Set(), vacancies: new Set() };
    drafts.all.add(made);
    return made;
  };
  for (const node of differences) {
    if (isLost(node)) {
      const verify = draft('verify', node);
      drafts.departures.set(node.id, verify);
      drafts.verifications.set(node.id, verify);
    } else if (node.parent === null) {
      if (node.synced !== null) drafts.departures.set(node.id, draft('delete', node));
    } else if (node.synced === null) {
      drafts.arrivals.set(node.id, draft(node.kind === 'directory' ? 'makeDirectory' : 'upload', node));
    } else {
      const moved = node.synced.parent !== node.parent || node.synced.name !== node.name;
      const move = moved ? draft('move', node) : undefined;
      if (move !== undefined) {
        drafts.arrivals.set(node.id, move);
        drafts.departures.set(node.id, move);
      }
      if (node.contentDirty || node.metadataDirty) {
        const change = draft(node.contentDirty ? 'upload' : 'setMetadata', node);
        if (move !== undefined) change.after.add(move);
      }
    }
  }
  return drafts;
}

/** Whether it must be looked for: it was moved, or sent as or to something else than what is wanted now. */
function isLost({ sent, synced, parent, name, contentVersion }: Difference): boolean {
  if (sent === null) return false;
  const isWanted = sent.parent === parent && sent.name === name && sent.version === contentVersion;
  const wasMoved = synced !== null && (synced.parent !== sent.parent || synced.name !== sent.name);
  return !isWanted || wasMoved;
}

function waitForArrivals({ all, arrivals, verifications }: Drafts, parentOf: (node: number) => number | null): void {
  for (const draft of all) {
    if (draft.kind === 'delete' || draft.kind === 'verify') continue;
    for (let above = draft.node.parent; above !== null; above = parentOf(above)) {
      const arrival = arrivals.get(above) ?? verifications.get(above);
      if (arrival === undefined) continue;
      draft.after.add(arrival);
      break;
    }
  }
}

function waitForVacancies({ all, arrivals, departures }: Drafts, differences: readonly Difference[]): void {
  const holders = new Map<string, Difference>();
  // What was lost sight of comes last: whatever else stands there, the place is uncertain until it was looked at.
  for (const node of differences.toSorted((a, b) => Number(isLost(a)) - Number(isLost(b)))) {
    for (const { parent, name } of positionsOf(node)) holders.set(positionKey(parent, name), node);
  }
  for (const arrival of arrivals.values()) {
    const { node } = arrival;
    const holder = holders.get(positionKey(node.parent as number, node.name));
    const departure = holder === undefined ? undefined : departures.get(holder.id);
    if (holder === undefined || holder === node || departure === undefined) continue;
    if (departure.kind === 'delete' && holder.kind === 'file' && node.kind === 'file') {
      arrival.replaces = holder.id;
      all.delete(departure);
      departures.set(holder.id, arrival);
    } else {
      waitForVacancy(arrival, departure);
    }
  }
}

function waitForEmptying({ all, departures }: Drafts, differences: readonly Difference[]): void {
  const leaving = new Map<number, Difference[]>();
  for (const node of differences) {
    if (!departures.has(node.id)) continue;
    for (const { parent } of positionsOf(node)) {
      const known = leaving.get(parent);
      if (known === undefined) leaving.set(parent, [node]);
      else known.push(node);
    }
  }
  for (const draft of all) {
    if (draft.kind !== 'delete' || draft.node.kind !== 'directory') continue;
    for (const child of leaving.get(draft.node.id) ?? []) waitForVacancy(draft, departures.get(child.id) as Draft);
  }
}

/** Nobody relies on where a node is, or what stands at its places, before that is known. */
function waitForCertainty(
  { all, verifications }: Drafts,
  differences: readonly Difference[],
  parentOf: (node: number) => number | null,
): void {
  if (verifications.size === 0) return;
  const changed = new Map(differences.map((node) => [node.id, node]));
  const uncertain = new Map<string, Draft>();
  for (const draft of verifications.values())
    for (const { parent, name } of positionsOf(draft.node)) uncertain.set(positionKey(parent, name), draft);
  const storeParentOf = (id: number): number | null => {
    const node = changed.get(id);
    return node === undefined ? parentOf(id) : (node.synced?.parent ?? null);
  };
  for (const draft of all) {
    for (const { parent, name } of positionsOf(draft.node)) {
      const other = uncertain.get(positionKey(parent, name));
      if (draft.kind !== 'verify' && other !== undefined) draft.after.add(other);
      for (let above: number | null = parent; above !== null; above = storeParentOf(above)) {
        const verification = verifications.get(above);
        if (verification !== undefined && verification !== draft) draft.after.add(verification);
      }
    }
  }
}

/** Where the store has it, or may have it without our knowing. */
function positionsOf(node: Difference): { readonly parent: number; readonly name: string }[] {
  return [node.synced, isLost(node) ? node.sent : null].filter((position) => position !== null);
}

function waitForVacancy(draft: Draft, departure: Draft): void {
  draft.after.add(departure);
  draft.vacancies.add(departure);
}

function positionKey(parent: number, name: string): string {
  return `${parent}/${name}`;
}

/** Topological order (Kahn), with circles broken as they are met. */
function ordered({ all }: Drafts): Operation[] {
  const made = new Map<Draft, Operation>();
  const operations: Operation[] = [];
  const waiting = new Set(all);
  const open = new Map([...all].map((draft) => [draft, draft.after.size]));
  const followers = new Map<Draft, Draft[]>();
  for (const draft of all) {
    for (const before of draft.after) {
      const known = followers.get(before);
      if (known === undefined) followers.set(before, [draft]);
      else known.push(draft);
    }
  }
  const ready = [...all].filter((draft) => draft.after.size === 0);

  const emit = (draft: Draft): void => {
    const after = new Set([...draft.after].map((before) => made.get(before) as Operation));
    const operation: Operation = { kind: draft.kind, node: draft.node.id, replaces: draft.replaces, after };
    made.set(draft, operation);
    operations.push(operation);
  };
  const free = (draft: Draft): void => {
    const left = (open.get(draft) as number) - 1;
    open.set(draft, left);
    if (left === 0) ready.push(draft);
  };

  while (waiting.size > 0) {
    const next = ready.shift();
    if (next !== undefined) {
      waiting.delete(next);
      emit(next);
      for (const follower of followers.get(next) ?? []) free(follower);
      continue;
    }
    const move = moveInCircle(waiting);
    const certainties = [...move.after].filter(({ kind }) => kind === 'verify');
    const aside: Draft = { kind: 'moveAside', node: move.node, after: new Set(certainties), vacancies: new Set() };
    emit(aside);
    const freed = (followers.get(move) ?? []).filter((follower) => follower.vacancies.has(move));
    followers.set(
      move,
      (followers.get(move) ?? []).filter((follower) => !freed.includes(follower)),
    );
    for (const follower of freed) {
      follower.after.delete(move);
      follower.vacancies.delete(move);
      follower.after.add(aside);
      free(follower);
    }
    move.after.add(aside);
  }
  return operations;
}

/** A move on a circle of waiting operations, one that is waited for because of its position. */
function moveInCircle(waiting: ReadonlySet<Draft>): Draft {
  const trail: Draft[] = [];
  const seen = new Set<Draft>();
  let at = waiting.values().next().value as Draft;
  while (!seen.has(at)) {
    seen.add(at);
    trail.push(at);
    at = [...at.after].find((before) => waiting.has(before)) as Draft;
  }
  const circle = trail.slice(trail.indexOf(at));
  for (const [i, draft] of circle.entries()) {
    const before = circle[(i + 1) % circle.length] as Draft;
    if (before.kind === 'move' && draft.vacancies.has(before)) return before;
  }
  throw new Error('a circle of operations without a move: the planner is wrong');
}
