import assert from 'node:assert/strict';
import type { Operation } from '../../src/cache/operation.ts';
import type { Held, StrictStore } from './strict-store.ts';
import { type PairNode, root, type TreePair } from './tree-pair.ts';

/** How a step ended; after `outdated` only a new plan knows how to go on with the node. */
export type Outcome = 'done' | 'outdated';

/** Does at the store what the cache would do for an operation, and notes what the store holds then. */
export function execute(tree: TreePair, store: StrictStore, operation: Operation): Outcome {
  const node = existing(tree, operation.node);
  if (operation.kind === 'verify') return verify(tree, store, node);
  const place = perform(tree, store, operation);
  if (operation.replaces !== undefined) dismiss(tree, existing(tree, operation.replaces));
  if (place === undefined) {
    dismiss(tree, node);
    return 'done';
  }
  const isUpload = operation.kind === 'upload';
  node.synced = { ...place, version: isUpload || node.synced === null ? node.version : node.synced.version };
  node.sent = null;
  if (isUpload) node.contentDirty = false;
  if (isUpload || operation.kind === 'setMetadata') noteMode(store, tree, node);
  return node.metadataDirty && isUpload ? 'outdated' : 'done';
}

/** As `execute`, but the answer never comes, and perhaps the store has not seen the call either. */
export function lose(tree: TreePair, store: StrictStore, operation: Operation, arrives: boolean): Outcome {
  const node = existing(tree, operation.node);
  if (operation.kind !== 'verify' && operation.kind !== 'delete') {
    const version = operation.kind === 'upload' ? node.version : (node.synced?.version ?? node.version);
    node.sent = { ...placeFor(operation.kind, node), version };
  }
  if (arrives && operation.kind !== 'delete') perform(tree, store, operation);
  return 'outdated';
}

/** The call of the store; answers where the node stands after it, or undefined for nowhere. */
function perform(
  tree: TreePair,
  store: StrictStore,
  { kind, node: id, replaces }: Operation,
): { parent: number; name: string } | undefined {
  const node = existing(tree, id);
  if (kind === 'delete') store.delete(tree.syncedPath(id), node.synced?.version);
  if (kind === 'delete' || kind === 'verify') return undefined;
  const place = placeFor(kind, node);
  const target = tree.storePath(place);
  const standing = replaces === undefined ? undefined : existing(tree, replaces).synced?.version;
  const isRepeated = kind === 'makeDirectory' || kind === 'upload';
  const isThere = isRepeated && node.sent !== null && hasArrived(tree, store, node.sent);
  if (isThere) return place;
  if (kind === 'makeDirectory') store.makeDirectory(target, node.version);
  else if (kind === 'upload') store.write(target, node.version, node.mode, node.synced?.version ?? standing);
  else if (kind === 'setMetadata') store.setMode(target, node.synced?.version, node.mode);
  else store.move(tree.syncedPath(id), target, standing);
  return place;
}

function placeFor(kind: Operation['kind'], { id, parent, name }: PairNode): { parent: number; name: string } {
  return kind === 'moveAside' ? { parent: root, name: `.aside-${id}` } : { parent: parent as number, name };
}

/** A node that arrived has taken the place of what it replaced. */
function verify(tree: TreePair, store: StrictStore, node: PairNode): Outcome {
  const { sent } = node;
  node.sent = null;
  if (sent !== null && hasArrived(tree, store, sent)) {
    for (const other of tree.nodes.values())
      if (other !== node && other.synced?.parent === sent.parent && other.synced.name === sent.name)
        dismiss(tree, other);
    if (node.kind === 'file' && sent.version === node.version) node.contentDirty = false;
    node.synced = sent;
    noteMode(store, tree, node);
  }
  tree.forgetIfGone(node);
  return 'outdated';
}

/** A file that was sent unseen may have an earlier mode than the user sees now. */
function noteMode(store: StrictStore, tree: TreePair, node: PairNode): void {
  const isAsWanted = store.held.get(tree.syncedPath(node.id))?.mode === node.mode;
  node.metadataDirty = node.kind === 'file' && !isAsWanted;
}

/** Whether the store has what was lost sight of. */
function hasArrived(tree: TreePair, store: StrictStore, sent: NonNullable<PairNode['sent']>): boolean {
  return store.held.get(tree.storePath(sent))?.version === sent.version;
}

/** No version is gone but what the user removed or wrote over, and what the tree knows of the store is true. */
export function assertNothingLost(tree: TreePair, store: StrictStore): void {
  const [held, known] = [store.held, actual(tree, store).known()].map((all) => sorted(withoutModes(all)));
  assert.deepEqual(held, known, 'what is known of the store');
  const versions = store.versions;
  for (const node of tree.live())
    if (node.kind === 'file' && !node.contentDirty)
      assert.ok(versions.has(node.version), `version ${node.version} is lost`);
}

/** The tree as if all that was lost sight of had been found. */
function actual(tree: TreePair, store: StrictStore): TreePair {
  const copy = tree.clone();
  for (;;) {
    const lost = [...copy.nodes.values()].filter(({ sent }) => sent !== null);
    const found = lost.find((node) => isCertain(copy, node));
    if (found === undefined) {
      assert.deepEqual(lost, [], 'nothing stays lost');
      return copy;
    }
    verify(copy, store, found);
  }
}

/** Whether the directories on the way to a lost node are known to be where they are. */
function isCertain(tree: TreePair, { sent, synced }: PairNode): boolean {
  for (const place of [sent, synced])
    for (let at = place?.parent ?? root; at !== root; at = tree.nodes.get(at)?.synced?.parent ?? root)
      if (tree.nodes.get(at)?.sent !== null) return false;
  return true;
}

/** The store holds what the user sees, and nothing is left to do. */
export function assertConverged(tree: TreePair, store: StrictStore): void {
  assert.deepEqual(sorted(store.held), sorted(tree.wanted()));
  assert.deepEqual(tree.differences(), []);
}

/**
 * Whether the tree can be reached without moving anything aside, by the rule that things go only into directories that are in
 * their place. Steps never stand in each other's way, so trying whatever is possible finds out.
 */
export function needsNothingAside(tree: TreePair, store: StrictStore, operations: readonly Operation[]): boolean {
  let left = operations.filter(({ kind }) => kind !== 'moveAside');
  for (;;) {
    const stuck = left.filter((operation) => !isPossible(tree, operation) || !succeeds(tree, store, operation));
    if (stuck.length === left.length) return left.length === 0;
    left = stuck;
  }
}

function isPossible(tree: TreePair, { kind, node }: Operation): boolean {
  if (kind === 'delete') return true;
  if (
    (kind === 'upload' || kind === 'setMetadata') &&
    existing(tree, node).synced !== null &&
    !isInPlace(existing(tree, node))
  )
    return false;
  for (let above = tree.parentOf(node); above !== null && above !== root; above = tree.parentOf(above))
    if (!isInPlace(existing(tree, above))) return false;
  return true;
}

function succeeds(tree: TreePair, store: StrictStore, operation: Operation): boolean {
  try {
    execute(tree, store, operation);
    return true;
  } catch {
    return false;
  }
}

function isInPlace({ synced, parent, name }: PairNode): boolean {
  return synced !== null && synced.parent === parent && synced.name === name;
}

function dismiss(tree: TreePair, node: PairNode): void {
  assert.equal(node.parent, null, `node ${node.id} was not removed by the user`);
  node.synced = null;
  tree.forgetIfGone(node);
}

function existing(tree: TreePair, id: number): PairNode {
  const node = tree.nodes.get(id);
  assert.ok(node, `node ${id} is gone`);
  return node;
}

/** Only the user and the store know modes; the cache knows whether they differ. */
function withoutModes(all: ReadonlyMap<string, Held>): Map<string, Omit<Held, 'mode'>> {
  return new Map([...all].map(([path, { kind, version }]) => [path, { kind, version }]));
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
