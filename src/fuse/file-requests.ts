import { fsyncDataOnly, sizes } from './abi.ts';
import { fileOffset } from './decode.ts';
import type { ReplyWriter } from './encode.ts';
import { errnoNumbers } from './errno.ts';
import { encodeNothing, type Exchange } from './exchange.ts';
import type { OpenReply } from './file-system.ts';

/** Requests about an open file (linux/fuse.h: struct fuse_open_in, fuse_read_in, fuse_write_in, fuse_fallocate_in, fuse_lseek_in). */

const unknown = -errnoNumbers.ENOSYS;

function encodeOpen(reply: ReplyWriter, value: OpenReply): number {
  return reply.open(value);
}

function encodeCount(reply: ReplyWriter, value: number): number {
  return reply.count(value);
}

function encodeOffset(reply: ReplyWriter, value: number): number {
  return reply.offset(value);
}

/** FUSE_OPEN. */
export function open(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  return exchange.settle(fileSystem.open(reader.node, reader.word(0), request), encodeOpen);
}

/** FUSE_READ. What is there at once lies in the reply already; nothing is copied. */
export function read(exchange: Exchange): number {
  const { fileSystem, reader, reply, request } = exchange;
  const offset = reader.long(8);
  const size = reader.word(16);
  if (size > reply.capacity) return -errnoNumbers.EINVAL;
  if (offset > Number.MAX_SAFE_INTEGER) return 0;
  const answer = fileSystem.read(reader.node, reader.long(0), offset, reply.payload(size), request);
  if (typeof answer !== 'number') return exchange.settleBytes(answer, size);
  if (!(answer >= 0 && answer <= size)) throw new RangeError(`read ${answer} bytes of ${size}`);
  return answer;
}

/** FUSE_WRITE. The data is handed on where it lies. */
export function write(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.write === undefined) return unknown;
  const size = reader.word(16);
  const data = reader.data(sizes.write, size);
  const offset = fileOffset(reader.long(8) + size) - size;
  return exchange.settle(fileSystem.write(reader.node, reader.long(0), offset, data, request), encodeCount);
}

/** FUSE_FLUSH: a descriptor is closed. */
export function flush(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.flush === undefined) return unknown;
  return exchange.settle(fileSystem.flush(reader.node, reader.long(0), request), encodeNothing);
}

/** FUSE_RELEASE: the last descriptor is closed. */
export function release(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  return exchange.settle(fileSystem.release(reader.node, reader.long(0), request), encodeNothing);
}

/** FUSE_FSYNC. */
export function fsync(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.fsync === undefined) return unknown;
  const dataOnly = (reader.word(8) & fsyncDataOnly) !== 0;
  return exchange.settle(fileSystem.fsync(reader.node, reader.long(0), dataOnly, request), encodeNothing);
}

/** FUSE_FALLOCATE. */
export function fallocate(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.fallocate === undefined) return unknown;
  const offset = reader.long(8);
  const length = reader.long(16);
  fileOffset(offset + length);
  return exchange.settle(
    fileSystem.fallocate(reader.node, reader.long(0), offset, length, reader.word(24), request),
    encodeNothing,
  );
}

/** FUSE_LSEEK. */
export function lseek(exchange: Exchange): number {
  const { fileSystem, reader, request } = exchange;
  if (fileSystem.lseek === undefined) return unknown;
  const offset = reader.signedLong(8);
  // lseek(2): outside of the file there is neither data nor a hole.
  if (offset < 0 || offset > Number.MAX_SAFE_INTEGER) return -errnoNumbers.ENXIO;
  return exchange.settle(fileSystem.lseek(reader.node, reader.long(0), offset, reader.word(16), request), encodeOffset);
}
