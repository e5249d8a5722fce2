import fc from 'fast-check';
import { type PairNode, root, TreePair } from './tree-pair.ts';

const kinds = [
  'createFile',
  'createFile',
  'createDirectory',
  'createDirectory',
  'edit',
  'changeMode',
  'rename',
  'rename',
  'rename',
  'exchange',
  'remove',
  'removeTree',
  'turnInsideOut',
  'rotate',
  'evacuate',
  'rebuild',
  'changeKind',
  'push',
] as const;

/** One thing a user does. The numbers choose among the nodes that are there, so a script makes sense for any tree. */
export interface Edit {
  readonly kind: (typeof kinds)[number];
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly name: string;
}

const pick = fc.nat(1000);

/** Names are few, so that they meet. */
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(...kinds),
  a: pick,
  b: pick,
  c: pick,
  name: fc.constantFrom('a', 'b', 'c', 'd'),
});

/** What a user does in a while. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(edit, { maxLength: 14, size: 'max' });

/** The beginnings: directories more often than files, because they make the knots. */
export const creations: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Edit['kind']>('createFile', 'createDirectory', 'createDirectory'),
    a: pick,
    b: pick,
    c: pick,
    name: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
  { maxLength: 16, size: 'max' },
);

/** A tree that the store and the user agree about. */
export function treeOf(script: readonly Edit[]): TreePair {
  const tree = new TreePair();
  for (const step of script) apply(tree, step);
  tree.settle();
  return tree;
}

/** Does to the user's tree what `step` says, where that is possible. */
export function apply(tree: TreePair, { kind, a, b, c, name }: Edit): void {
  const directory = chosen(tree.directories(), a) ?? root;
  if (kind === 'createFile') tree.create(directory, name, 'file');
  if (kind === 'createDirectory') tree.create(directory, name, 'directory');
  const node = chosen(tree.live(), a);
  const other = chosen(tree.live(), b);
  const third = chosen(tree.live(), c);
  if (node === undefined || other === undefined || third === undefined) return;
  if (kind === 'edit' && node.kind === 'file') tree.edit(node);
  if (kind === 'changeMode' && node.kind === 'file') tree.changeMode(node);
  if (kind === 'rename') tree.rename(node, chosen(tree.directories(), b) ?? root, name);
  if (kind === 'exchange') tree.exchange(node, other);
  if (kind === 'rotate' && tree.exchange(node, other)) tree.exchange(other, third);
  if (kind === 'remove') tree.remove(node);
  if (kind === 'removeTree') tree.removeTree(node);
  if (kind === 'turnInsideOut') turnInsideOut(tree, node);
  if (kind === 'evacuate') evacuate(tree, node, b);
  if (kind === 'rebuild') rebuild(tree, node, b);
  if (kind === 'changeKind') changeKind(tree, node);
  if (kind === 'push') push(tree, node, other, third);
}

/** The parent goes into its own child, and the child takes its place. */
function turnInsideOut(tree: TreePair, child: PairNode): void {
  const parent = child.parent === null ? undefined : tree.nodes.get(child.parent);
  if (parent === undefined || parent.parent === null || child.kind === 'file') return;
  const { parent: above, name } = parent;
  if (!tree.rename(child, above, `${name}~`)) return;
  if (tree.rename(parent, child.id, parent.name)) tree.rename(child, above, name);
}

/** The children move out, and the directory goes. */
function evacuate(tree: TreePair, node: PairNode, b: number): void {
  for (const child of tree.children(node.id)) {
    const target = chosen(
      tree.directories().filter((id) => !tree.isWithin(id, node.id)),
      b,
    );
    if (target !== undefined && tree.child(target, child.name) === undefined) tree.rename(child, target, child.name);
  }
  tree.removeTree(node);
}

/** A new directory takes the place of the old, with a child of the old one in it. */
function rebuild(tree: TreePair, old: PairNode, b: number): void {
  const { parent, name } = old;
  if (parent === null || old.kind === 'file' || !tree.create(parent, `${name}~`, 'directory')) return;
  const made = tree.child(parent, `${name}~`) as PairNode;
  const child = chosen(tree.children(old.id), b);
  if (child !== undefined) tree.rename(child, made.id, child.name);
  tree.removeTree(old);
  tree.rename(made, parent, name);
}

function changeKind(tree: TreePair, node: PairNode): void {
  const { parent, name, kind } = node;
  if (parent === null) return;
  tree.removeTree(node);
  tree.create(parent, name, kind === 'file' ? 'directory' : 'file');
}

/** A chain: each takes the place of the next, the last a new name. */
function push(tree: TreePair, first: PairNode, second: PairNode, third: PairNode): void {
  const places = [second, third].map(({ parent, name }) => ({ parent: parent as number, name }));
  if (third.parent === null || !tree.rename(third, third.parent, `${third.name}+`)) return;
  if (places[1] !== undefined && tree.rename(second, places[1].parent, places[1].name) && places[0] !== undefined)
    tree.rename(first, places[0].parent, places[0].name);
}

function chosen<T>(from: readonly T[], pick: number): T | undefined {
  return from[pick % from.length];
}
