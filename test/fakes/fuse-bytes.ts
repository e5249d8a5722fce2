import { WireBuffer } from '../../src/fuse/wire-buffer.ts';

/** Bytes written down in hexadecimal, blanks as one likes; `//` begins a comment, `"text"` stands for its ASCII. */
export function annotated(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const line of text.split('\n')) {
    const code = line.replace(/\/\/.*$/, '');
    for (const [, quoted, hex] of code.matchAll(/"([^"]*)"|([0-9a-f]+)/g))
      parts.push(quoted === undefined ? fromHex(hex as string) : Buffer.from(quoted, 'latin1'));
  }
  return Buffer.concat(parts);
}

function fromHex(digits: string): Buffer {
  if (digits.length % 2 !== 0) throw new TypeError(`half a byte in ${digits}`);
  return Buffer.from(digits, 'hex');
}

/** Who asks in the requests of these tests. */
export const asker = { uid: 1000, gid: 100, pid: 4242 };

/** A request: struct fuse_in_header, then the arguments. */
export function requestMessage(opcode: number, node: number, argumentBytes: Uint8Array, unique = 7): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40 + argumentBytes.length, 0);
  header.writeUInt32LE(opcode, 4);
  header.writeBigUInt64LE(BigInt(unique), 8);
  header.writeBigUInt64LE(BigInt(node), 16);
  header.writeUInt32LE(asker.uid, 24);
  header.writeUInt32LE(asker.gid, 28);
  header.writeUInt32LE(asker.pid, 32);
  return Buffer.concat([header, argumentBytes]);
}

/** struct fuse_init_in of Linux 6.18: everything that it can do, and a read-ahead of 128 KiB. */
export const initArguments: Buffer = annotated(`
  07000000 2d000000  // major 7, minor 45
  00000200           // max_readahead
  fbfffffb           // flags
  ffffffff           // flags2
  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
`);

/** A request buffer with this message in it, behind which stands what an earlier request may have left. */
export function received(message: Uint8Array, size: number = 2 ** 20 + 4096): WireBuffer {
  const buffer = new WireBuffer(size);
  buffer.bytes.fill(0xa5, 0, Math.min(size, message.length + 4096));
  buffer.bytes.set(message);
  return buffer;
}

/** struct fuse_out_header taken apart. */
export function replyParts(message: Buffer): { unique: number; error: number; payload: Buffer } {
  const length = message.readUInt32LE(0);
  if (length !== message.length) throw new RangeError(`a reply of ${message.length} bytes announces ${length}`);
  return {
    unique: Number(message.readBigUInt64LE(8)),
    error: message.readInt32LE(4),
    payload: message.subarray(16),
  };
}
