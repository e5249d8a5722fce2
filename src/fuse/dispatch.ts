import { opcodes } from './abi.ts';
import * as attribute from './attribute-requests.ts';
import { MalformedRequest } from './decode.ts';
import * as directory from './directory-requests.ts';
import { errnoNumbers } from './errno.ts';
import type { Exchange, Handler } from './exchange.ts';
import * as file from './file-requests.ts';
import * as name from './name-requests.ts';

/** A kind of request: what serves it, and how many bytes of arguments it has at the least (its struct, or a name and its end). */
interface Kind {
  readonly handler: Handler;
  readonly bytes: number;
}

const kinds: readonly (Kind | undefined)[] = table([
  [opcodes.LOOKUP, name.lookup, 2],
  [opcodes.FORGET, attribute.forget, 8],
  [opcodes.GETATTR, attribute.getattr, 16],
  [opcodes.SETATTR, attribute.setattr, 88],
  [opcodes.READLINK, attribute.readlink, 0],
  [opcodes.SYMLINK, name.symlink, 4],
  [opcodes.MKNOD, name.mknod, 18],
  [opcodes.MKDIR, name.mkdir, 10],
  [opcodes.UNLINK, name.unlink, 2],
  [opcodes.RMDIR, name.rmdir, 2],
  [opcodes.RENAME, name.rename, 12],
  [opcodes.LINK, name.link, 10],
  [opcodes.OPEN, file.open, 8],
  [opcodes.READ, file.read, 40],
  [opcodes.WRITE, file.write, 40],
  [opcodes.STATFS, directory.statfs, 0],
  [opcodes.RELEASE, file.release, 24],
  [opcodes.FSYNC, file.fsync, 16],
  [opcodes.SETXATTR, attribute.setxattr, 10],
  [opcodes.GETXATTR, attribute.getxattr, 10],
  [opcodes.LISTXATTR, attribute.listxattr, 8],
  [opcodes.REMOVEXATTR, attribute.removexattr, 2],
  [opcodes.FLUSH, file.flush, 24],
  [opcodes.OPENDIR, directory.opendir, 8],
  [opcodes.READDIR, directory.readdir, 40],
  [opcodes.RELEASEDIR, directory.releasedir, 24],
  [opcodes.FSYNCDIR, directory.fsyncdir, 16],
  [opcodes.CREATE, name.create, 18],
  [opcodes.INTERRUPT, attribute.interrupt, 8],
  [opcodes.NOTIFY_REPLY, attribute.ignore, 0],
  [opcodes.BATCH_FORGET, attribute.batchForget, 8],
  [opcodes.FALLOCATE, file.fallocate, 32],
  [opcodes.READDIRPLUS, directory.readdirplus, 40],
  [opcodes.RENAME2, name.rename2, 20],
  [opcodes.LSEEK, file.lseek, 24],
]);

function table(rows: readonly (readonly [opcode: number, handler: Handler, bytes: number])[]): (Kind | undefined)[] {
  const kinds: (Kind | undefined)[] = Array.from({ length: 64 }, () => undefined);
  for (const [opcode, handler, bytes] of rows) kinds[opcode] = { handler, bytes };
  return kinds;
}

/** Serves one request but for those about the session itself. ENOSYS for what is unknown; throws what the handler throws. */
export function dispatch(exchange: Exchange): number {
  const { reader } = exchange;
  const kind = kinds[reader.opcode];
  if (kind === undefined) return -errnoNumbers.ENOSYS;
  if (reader.argumentBytes < kind.bytes)
    throw new MalformedRequest(`opcode ${reader.opcode} with ${reader.argumentBytes} bytes of arguments`);
  return kind.handler(exchange);
}

/** Requests that are never answered, whatever happens to them (FORGET, BATCH_FORGET, INTERRUPT, NOTIFY_REPLY). */
export function isAnswered(opcode: number): boolean {
  return (
    opcode !== opcodes.FORGET &&
    opcode !== opcodes.BATCH_FORGET &&
    opcode !== opcodes.INTERRUPT &&
    opcode !== opcodes.NOTIFY_REPLY
  );
}
