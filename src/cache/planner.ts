import type { Difference, Operation } from './operation.ts';
import { type Draft, newDraft, waitFor } from './plan-draft.ts';
import { inOrder } from './plan-order.ts';

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
 * A removed file gives up its position to a file without a delete between: the new one replaces it, also when that must be
 * looked for first. Waiting in a circle (two names swapped) always passes through a move; that node is moved aside under a
 * temporary name at the root first.
 *
 * A node that was lost sight of on its way to the store is looked for before anything else is done about it, or in it, or
 * about the places where it may stand: what arrived unseen must be moved or deleted, not forgotten. Only what would be sent
 * just so again is: the store, or a comparison with what it has, tells that it was there already.
 *
 * No step destroys the only copy of a version: deletes name what the user removed, and a replacement replaces such a file only.
 */

/**
 * The operations that make the store equal to the tree, in an order in which each stands behind all it waits for.
 *
 * @param parentOf the user's parent directory of any node, changed or not; null for the root
 */
export function plan(differences: readonly Difference[], parentOf: (node: number) => number | null): Operation[] {
  const steps = planSteps(differences, parentOf);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `plan`, in steps of some microseconds, so that others get their turn between. The differences must stay as they are meanwhile. */
export function* planSteps(
  differences: readonly Difference[],
  parentOf: (node: number) => number | null,
): Generator<void, Operation[]> {
  const drafts = yield* draftOperations(differences);
  yield* waitForArrivals(drafts, parentOf);
  yield* waitForVacancies(drafts, differences);
  yield* waitForEmptying(drafts, differences);
  yield* waitForCertainty(drafts, differences, parentOf);
  return yield* inOrder(drafts.all);
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

function* draftOperations(differences: readonly Difference[]): Generator<void, Drafts> {
  const drafts: Drafts = { all: new Set(), arrivals: new Map(), departures: new Map(), verifications: new Map() };
  const draft = (kind: Operation['kind'], node: Difference): Draft => {
    const made = newDraft(kind, node);
    drafts.all.add(made);
    return made;
  };
  for (const node of differences) {
    yield;
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
        if (move !== undefined) waitFor(change, move);
      }
    }
  }
  return drafts;
}

/** Whether it must be looked for: it was moved, or sent as or to something else than what is wanted now, or nothing of it would be sent again. */
function isLost({ sent, synced, parent, name, contentVersion, contentDirty, metadataDirty }: Difference): boolean {
  if (sent === null) return false;
  const isWanted = sent.parent === parent && sent.name === name && sent.version === contentVersion;
  const wasMoved = synced !== null && (synced.parent !== sent.parent || synced.name !== sent.name);
  return !isWanted || wasMoved || (synced !== null && !contentDirty && !metadataDirty);
}

function* waitForArrivals(
  { all, arrivals, verifications }: Drafts,
  parentOf: (node: number) => number | null,
): Generator<void, void> {
  /** Of directories that were asked for: what must have happened before anything goes into them. */
  const known = new Map<number, Draft | undefined>();
  const arrivalOf = (directory: number): Draft | undefined => {
    for (let above: number | null = directory; above !== null; above = parentOf(above)) {
      const arrival = arrivals.get(above) ?? verifications.get(above);
      if (arrival !== undefined) return arrival;
    }
    return undefined;
  };
  for (const draft of all) {
    yield;
    const { parent } = draft.difference;
    if (draft.kind === 'delete' || draft.kind === 'verify' || parent === null) continue;
    if (!known.has(parent)) known.set(parent, arrivalOf(parent));
    const arrival = known.get(parent);
    if (arrival !== undefined) waitFor(draft, arrival);
  }
}

function* waitForVacancies(
  { all, arrivals, departures, verifications }: Drafts,
  differences: readonly Difference[],
): Generator<void, void> {
  const holders = new Map<string, Difference>();
  // What was lost sight of comes last: whatever else stands there, the place is uncertain until it was looked at.
  for (const areLost of [false, true])
    for (const node of differences) {
      yield;
      if (isLost(node) !== areLost) continue;
      for (const { parent, name } of positionsOf(node)) holders.set(positionKey(parent, name), node);
    }
  for (const arrival of arrivals.values()) {
    yield;
    const node = arrival.difference;
    const holder = holders.get(positionKey(node.parent as number, node.name));
    const departure = holder === undefined ? undefined : departures.get(holder.id);
    if (holder === undefined || holder === node || departure === undefined) continue;
    if (departure.kind === 'delete' && holder.kind === 'file' && node.kind === 'file') {
      arrival.replaces = holder.id;
      all.delete(departure);
      departures.set(holder.id, arrival);
    } else {
      waitFor(arrival, departure, 'vacancy');
    }
  }
  for (const verification of verifications.values()) {
    yield;
    const { id, parent, name } = verification.difference;
    const holder = parent === null ? undefined : holders.get(positionKey(parent, name));
    const departure = holder === undefined || holder.id === id ? undefined : departures.get(holder.id);
    if (departure?.kind === 'delete') waitFor(departure, verification);
  }
}

function* waitForEmptying({ all, departures }: Drafts, differences: readonly Difference[]): Generator<void, void> {
  const leaving = new Map<number, Difference[]>();
  for (const node of differences) {
    yield;
    if (!departures.has(node.id)) continue;
    for (const { parent } of positionsOf(node)) {
      const known = leaving.get(parent);
      if (known === undefined) leaving.set(parent, [node]);
      else known.push(node);
    }
  }
  for (const draft of all) {
    yield;
    if (draft.kind !== 'delete' || draft.difference.kind !== 'directory') continue;
    for (const child of leaving.get(draft.node) ?? []) {
      yield;
      waitFor(draft, departures.get(child.id) as Draft, 'vacancy');
    }
  }
}

/** Nobody relies on where a node is, or what stands at its places, before that is known. */
function* waitForCertainty(
  { all, verifications }: Drafts,
  differences: readonly Difference[],
  parentOf: (node: number) => number | null,
): Generator<void, void> {
  if (verifications.size === 0) return;
  const changed = new Map<number, Difference>();
  for (const node of differences) {
    yield;
    changed.set(node.id, node);
  }
  const uncertain = new Map<string, Draft>();
  for (const draft of verifications.values()) {
    yield;
    for (const { parent, name } of positionsOf(draft.difference)) uncertain.set(positionKey(parent, name), draft);
  }
  const storeParentOf = (id: number): number | null => {
    const node = changed.get(id);
    return node === undefined ? parentOf(id) : (node.synced?.parent ?? null);
  };
  for (const draft of all) {
    yield;
    for (const { parent, name } of positionsOf(draft.difference)) {
      const other = uncertain.get(positionKey(parent, name));
      if (draft.kind !== 'verify' && other !== undefined) waitFor(draft, other);
      for (let above: number | null = parent; above !== null; above = storeParentOf(above)) {
        const verification = verifications.get(above);
        if (verification !== undefined && verification !== draft) waitFor(draft, verification);
      }
    }
  }
}

/** Where the store has it, or may have it without our knowing. */
function positionsOf(node: Difference): { readonly parent: number; readonly name: string }[] {
  const positions = node.synced === null ? [] : [node.synced];
  return node.sent !== null && isLost(node) ? [...positions, node.sent] : positions;
}

function positionKey(parent: number, name: string): string {
  return `${parent}/${name}`;
}
