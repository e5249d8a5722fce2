import { getattrHandle } from './abi.ts';
import { MalformedRequest, readAttributeChanges } from './decode.ts';
import type { ReplyWriter } from './encode.ts';
import { Errno, errnoNumbers } from './errno.ts';
import { encodeNothing, type Exchange, outcomes } from './exchange.ts';
import type { AttributesReply } from './file-system.ts';

/** Requests about one node: its attributes, its extended attributes (xattr(7)), and the kernel's hold on it. */

const unknown = -errnoNumbers.ENOSYS;

function encodeAttributes(reply: ReplyWriter, value: AttributesReply): number {
  return reply.attributes(value);
}

function encodeText(reply: ReplyWriter, value: string): number {
  return reply.text(value);
}

/** FUSE_GETATTR. */
export function getattr(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  const handle = (reader.word(0) & getattrHandle) === 0 ? undefined : reader.long(8);
  return exchange.settle(fileSystem.getattr(reader.node, handle, request), encodeAttributes);
}

/** FUSE_SETATTR. */
export function setattr(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.setattr === undefined) return unknown;
  return exchange.settle(fileSystem.setattr(reader.node, readAttributeChanges(reader), request), encodeAttributes);
}

/** FUSE_READLINK. */
export function readlink(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.readlink === undefined) return unknown;
  return exchange.settle(fileSystem.readlink(reader.node, request), encodeText);
}

/** FUSE_GETXATTR. */
export function getxattr(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.getxattr === undefined) return unknown;
  const size = reader.word(0);
  const answer = fileSystem.getxattr(reader.node, reader.name(8), request);
  return exchange.settle(answer, (reply, value) => encodeSized(reply, value, size));
}

/** FUSE_LISTXATTR: names, each with a NUL behind it. */
export function listxattr(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.listxattr === undefined) return unknown;
  const size = reader.word(0);
  return exchange.settle(fileSystem.listxattr(reader.node, request), (reply, names) =>
    encodeSized(reply, Buffer.from(names.map((name) => `${name}\0`).join('')), size),
  );
}

/** getxattr(2): a size of 0 asks how long the value is, and a smaller size than that is ERANGE. */
function encodeSized(reply: ReplyWriter, value: Uint8Array, size: number): number {
  if (size === 0) return reply.count(value.length);
  if (value.length > size) throw Errno.of('ERANGE');
  return reply.data(value, size);
}

/** FUSE_SETXATTR: the name, then the value. */
export function setxattr(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.setxattr === undefined) return unknown;
  const name = reader.name(exchange.longSetxattr ? 16 : 8);
  const value = reader.data(reader.afterName, reader.word(0));
  return exchange.settle(fileSystem.setxattr(reader.node, name, value, reader.word(4), request), encodeNothing);
}

/** FUSE_REMOVEXATTR. */
export function removexattr(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.removexattr === undefined) return unknown;
  return exchange.settle(fileSystem.removexattr(reader.node, reader.name(0), request), encodeNothing);
}

/** FUSE_FORGET. Never answered. */
export function forget(exchange: Exchange): number {
  const { fileSystem, reader } = exchange;
  fileSystem.forget(reader.node, reader.long(0));
  return outcomes.none;
}

/** struct fuse_batch_forget_in, then `count` times struct fuse_forget_one. */
export function batchForget(exchange: Exchange): number {
  const { fileSystem, reader } = exchange;
  const count = reader.word(0);
  if (8 + count * 16 > reader.argumentBytes) throw new MalformedRequest(`${count} nodes to forget announced`);
  for (let at = 8; at < 8 + count * 16; at += 16) fileSystem.forget(reader.long(at), reader.long(at + 8));
  return outcomes.none;
}

/** FUSE_INTERRUPT. Never answered by itself: the request that it names is. */
export function interrupt(exchange: Exchange): number {
  exchange.interrupt(exchange.reader.long(0));
  return outcomes.none;
}

/** Requests that ask nothing of anybody. */
export function ignore(): number {
  return outcomes.none;
}
