import { renameBits } from './abi.ts';
import type { ReplyWriter } from './encode.ts';
import { errnoNumbers } from './errno.ts';
import { encodeNothing, type Exchange } from './exchange.ts';
import type { CreateReply, EntryReply } from './file-system.ts';

/** Requests about names in a directory (linux/fuse.h: struct fuse_mknod_in, fuse_mkdir_in, fuse_rename2_in, fuse_link_in, fuse_create_in). */

const unknown = -errnoNumbers.ENOSYS;

function encodeEntry(reply: ReplyWriter, value: EntryReply): number {
  return reply.entry(value);
}

function encodeCreate(reply: ReplyWriter, value: CreateReply): number {
  return reply.create(value);
}

/** FUSE_LOOKUP. */
export function lookup(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  return exchange.settle(fileSystem.lookup(reader.node, reader.name(0), request), encodeEntry);
}

/** FUSE_SYMLINK: the new name, then the target. */
export function symlink(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.symlink === undefined) return unknown;
  const name = reader.name(0);
  const target = reader.text(reader.afterName);
  return exchange.settle(fileSystem.symlink(reader.node, name, target, request), encodeEntry);
}

/** FUSE_LINK: struct fuse_link_in, then the new name; the header names the new parent. */
export function link(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.link === undefined) return unknown;
  return exchange.settle(fileSystem.link(reader.long(0), reader.node, reader.name(8), request), encodeEntry);
}

/** FUSE_MKNOD. Devices have no number here: a cloud keeps none. */
export function mknod(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.mknod === undefined) return unknown;
  return exchange.settle(fileSystem.mknod(reader.node, reader.name(16), reader.word(0), request), encodeEntry);
}

/** FUSE_MKDIR. */
export function mkdir(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.mkdir === undefined) return unknown;
  return exchange.settle(fileSystem.mkdir(reader.node, reader.name(8), reader.word(0), request), encodeEntry);
}

/** FUSE_CREATE. */
export function create(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.create === undefined) return unknown;
  const answer = fileSystem.create(reader.node, reader.name(16), reader.word(4), reader.word(0), request);
  return exchange.settle(answer, encodeCreate);
}

/** FUSE_UNLINK. */
export function unlink(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.unlink === undefined) return unknown;
  return exchange.settle(fileSystem.unlink(reader.node, reader.name(0), request), encodeNothing);
}

/** FUSE_RMDIR. */
export function rmdir(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.rmdir === undefined) return unknown;
  return exchange.settle(fileSystem.rmdir(reader.node, reader.name(0), request), encodeNothing);
}

/** FUSE_RENAME: no flags. */
export function rename(exchange: Exchange): number {
  return renameWith(exchange, 8, 0);
}

/** FUSE_RENAME2: with the flags of renameat2(2). */
export function rename2(exchange: Exchange): number {
  return renameWith(exchange, 16, exchange.reader.word(8));
}

function renameWith(exchange: Exchange, namesAt: number, bits: number): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.rename === undefined) return unknown;
  // RENAME_WHITEOUT makes a device node, which is for union file systems.
  if ((bits & ~(renameBits.NOREPLACE | renameBits.EXCHANGE)) !== 0) return -errnoNumbers.EINVAL;
  const name = reader.name(namesAt);
  const newName = reader.name(reader.afterName);
  const flags = { noReplace: (bits & renameBits.NOREPLACE) !== 0, exchange: (bits & renameBits.EXCHANGE) !== 0 };
  return exchange.settle(fileSystem.rename(reader.node, name, reader.long(0), newName, flags, request), encodeNothing);
}
