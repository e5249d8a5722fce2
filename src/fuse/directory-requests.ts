import { fsyncDataOnly } from './abi.ts';
import type { DirectoryWriter } from './directory-writer.ts';
import type { ReplyWriter } from './encode.ts';
import { errnoNumbers } from './errno.ts';
import { encodeNothing, type Exchange } from './exchange.ts';
import type { FileSystem, FileSystemStatistics, OpenReply } from './file-system.ts';

/** Requests about an open directory, and about the file system as a whole. */

const unknown = -errnoNumbers.ENOSYS;

function encodeOpen(reply: ReplyWriter, value: OpenReply): number {
  return reply.open(value);
}

function encodeStatistics(reply: ReplyWriter, value: FileSystemStatistics): number {
  return reply.statistics(value);
}

/** FUSE_OPENDIR. */
export function opendir(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  return exchange.settle(fileSystem.opendir(reader.node, reader.word(0), request), encodeOpen);
}

/** FUSE_READDIR. */
export function readdir(exchange: Exchange): number {
  return list(exchange, false);
}

/** FUSE_READDIRPLUS: the listing with what LOOKUP would say of each name. */
export function readdirplus(exchange: Exchange): number {
  return list(exchange, true);
}

function list(exchange: Exchange, plus: boolean): number {
  const { fileSystem, reader, directory, request } = exchange;
  const [node, handle, offset, size] = [reader.node, reader.long(0), reader.long(8), reader.word(16)];
  const ask = (): ReturnType<FileSystem['readdir']> => fileSystem.readdir(node, handle, offset, directory, request);
  const later = fill(directory, size, plus, ask);
  if (!(later instanceof Promise)) return directory.length;
  return exchange.settle(later, (_reply, add) => {
    fill(directory, size, plus, add);
    return directory.length;
  });
}

/** Lets `add` write a reply; what it answers. */
function fill<T>(directory: DirectoryWriter, size: number, plus: boolean, add: () => T): T | undefined {
  directory.begin(size, plus);
  try {
    return add();
  } catch (error) {
    // Entries that were added count as lookups, so they must arrive; the kernel comes again for the rest, and gets the error.
    if (directory.length === 0) throw error;
    return undefined;
  }
}

/** FUSE_RELEASEDIR. */
export function releasedir(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  return exchange.settle(fileSystem.releasedir(reader.node, reader.long(0), request), encodeNothing);
}

/** FUSE_FSYNCDIR. */
export function fsyncdir(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.fsyncdir === undefined) return unknown;
  const dataOnly = (reader.word(8) & fsyncDataOnly) !== 0;
  return exchange.settle(fileSystem.fsyncdir(reader.node, reader.long(0), dataOnly, request), encodeNothing);
}

/** FUSE_STATFS. */
export function statfs(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  return exchange.settle(fileSystem.statfs(reader.node, request), encodeStatistics);
}
