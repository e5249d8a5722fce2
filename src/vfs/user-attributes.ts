import { Errno } from '../fuse/errno.ts';
import type { NodeReplies } from './node-replies.ts';

/** The extended attribute that tells how a file stands to the store. It is not listed: programs that copy attributes would try to set it. */
export const stateAttribute = 'user.cloudfusion.state';

const prefix = 'user.';
const ownPrefix = 'user.cloudfusion.';
/** setxattr(2): XATTR_CREATE and XATTR_REPLACE of linux/xattr.h. */
const mustBeNew = 1;
const mustBeThere = 2;

/** Extended attributes of the nodes of a tree (xattr(7)): those of the name space `user`. */
export class UserAttributes {
  readonly #replies: NodeReplies;

  constructor(replies: NodeReplies) {
    this.#replies = replies;
  }

  value(node: number, name: string): Uint8Array {
    assertUserName(name);
    const found = this.#replies.node(node);
    if (name === stateAttribute) return Buffer.from(this.#replies.tree.stateOf(found.id));
    const value = found.attributes?.get(name);
    if (value === undefined) throw Errno.of('ENODATA');
    return value;
  }

  names(node: number): string[] {
    return [...(this.#replies.node(node).attributes?.keys() ?? [])];
  }

  set(node: number, name: string, value: Uint8Array, flags: number): void {
    const found = this.#replies.node(node);
    assertChangeable(name);
    const isThere = found.attributes?.has(name) === true;
    if ((flags & mustBeNew) !== 0 && isThere) throw Errno.of('EEXIST');
    if ((flags & mustBeThere) !== 0 && !isThere) throw Errno.of('ENODATA');
    this.#replies.tree.setAttribute(found.id, name, value);
  }

  remove(node: number, name: string): void {
    const found = this.#replies.node(node);
    assertChangeable(name);
    if (found.attributes?.has(name) !== true) throw Errno.of('ENODATA');
    this.#replies.tree.setAttribute(found.id, name, undefined);
  }
}

/** ENOTSUP for what no file here will ever have: programs such as ls(1) then stop asking. The kernel itself would for nothing but ENOSYS, and then for all names. */
function assertUserName(name: string): void {
  if (!name.startsWith(prefix) || name === prefix) throw Errno.of('ENOTSUP');
}

function assertChangeable(name: string): void {
  assertUserName(name);
  if (name.startsWith(ownPrefix)) throw Errno.of('EPERM');
}
