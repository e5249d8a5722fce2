import { GoogleFault } from './google-fault.ts';

/** Which parts of a resource are wanted; an empty map wants all of them. */
type FieldTree = Map<string, FieldTree>;

/**
 * The parts of a resource that `fields` names: `a,b(c,d),e/f` and `*`
 * (https://docs.cloud.google.com/storage/docs/json_api#partial-response). Throws for what is not such an expression.
 */
export function partOf(resource: unknown, fields: string | null): unknown {
  return fields === null ? resource : chosen(resource, parse(fields));
}

function chosen(value: unknown, tree: FieldTree): unknown {
  if (tree.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => chosen(element, tree));
  const parts = Object.entries(value).filter(([key]) => tree.has(key) || tree.has('*'));
  return Object.fromEntries(
    parts.map(([key, part]) => [key, chosen(part, tree.get(key) ?? tree.get('*') ?? new Map())]),
  );
}

function parse(fields: string): FieldTree {
  const tokens = fields.match(/[A-Za-z0-9_*]+|[(),/]|./gs) ?? [];
  let at = 0;
  const root = list();
  if (at !== tokens.length) throw bad();
  return root;

  function list(): FieldTree {
    const tree: FieldTree = new Map();
    do {
      const name = tokens[at++];
      if (name === undefined || !/^[A-Za-z0-9_*]+$/.test(name)) throw bad();
      merge(tree, name, rest());
    } while (tokens[at] === ',' && ++at > 0);
    return tree;
  }

  function rest(): FieldTree {
    if (tokens[at] === '/') {
      const name = tokens[++at];
      if (name === undefined || !/^[A-Za-z0-9_*]+$/.test(name)) throw bad();
      at++;
      return new Map([[name, rest()]]);
    }
    if (tokens[at] !== '(') return new Map();
    at++;
    const inner = list();
    if (tokens[at++] !== ')') throw bad();
    return inner;
  }

  function bad(): GoogleFault {
    return new GoogleFault(400, 'invalidParameter', 'InvalidArgument', `Invalid field selection ${fields}`, {
      location: 'fields',
    });
  }
}

function merge(tree: FieldTree, name: string, part: FieldTree): void {
  const before = tree.get(name);
  if (before === undefined) tree.set(name, part);
  else for (const [key, inner] of part) merge(before, key, inner);
}
