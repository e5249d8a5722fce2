/**
 * CRC32C (Castagnoli; RFC 3720, appendix B.4), which Google Cloud Storage keeps of every file. Eight bytes at a step by eight
 * tables ("slicing by 8"); Node has only the CRC32 of zlib. Two checksums are joined as their contents are, by what zeros behind
 * the first one would do to it: a linear map over GF(2), squared for each bit of the length.
 */
const polynomial = 0x82f63b78;

/** Eight tables of 256 entries, one behind the other: what a byte does when 0 to 7 bytes follow it. */
const table: Int32Array = makeTable();

/** The checksum of more bytes, after those of which `before` is the checksum. */
export function crc32c(bytes: Uint8Array, before: number = 0): number {
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= value(bytes, at) | (value(bytes, at + 1) << 8) | (value(bytes, at + 2) << 16) | (value(bytes, at + 3) << 24);
    crc =
      value(table, 1792 + (crc & 255)) ^
      value(table, 1536 + ((crc >>> 8) & 255)) ^
      value(table, 1280 + ((crc >>> 16) & 255)) ^
      value(table, 1024 + (crc >>> 24)) ^
      value(table, 768 + value(bytes, at + 4)) ^
      value(table, 512 + value(bytes, at + 5)) ^
      value(table, 256 + value(bytes, at + 6)) ^
      value(table, value(bytes, at + 7));
  }
  for (; at < bytes.length; at++) crc = value(table, (crc ^ value(bytes, at)) & 255) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The checksum of two contents in a row, of which the second has `length` bytes. */
export function joinCrc32c(first: number, second: number, length: number): number {
  let crc = first;
  let zeros = byteOfZeros;
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) crc = times(zeros, crc);
    zeros = squared(zeros);
  }
  return (crc ^ second) >>> 0;
}

/** As Google writes it: base64 of the four bytes, big-endian. */
export function encodeCrc32c(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}

/** The checksum that Google wrote, or undefined where it wrote none. */
export function decodeCrc32c(text: string | undefined): number | undefined {
  const bytes = Buffer.from(text ?? '', 'base64');
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined;
}

/** An index that is known to be inside. */
function value(numbers: Uint8Array | Int32Array, at: number): number {
  return numbers[at] as number;
}

function makeTable(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let index = 0; index < 256; index++) {
    let crc = index;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    made[index] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const shorter = value(made, at - 256);
    made[at] = (shorter >>> 8) ^ value(made, shorter & 255);
  }
  return made;
}

/** A linear map: what becomes of each of the 32 bits. */
type Matrix = readonly number[];

const byteOfZeros: Matrix = Array.from({ length: 32 }, (_, bit) => {
  const crc = 2 ** bit;
  return ((crc >>> 8) ^ value(table, crc & 255)) >>> 0;
});

function times(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let bit = 0; bit < 32; bit++) if ((vector >>> bit) & 1) sum ^= matrix[bit] as number;
  return sum >>> 0;
}

function squared(matrix: Matrix): Matrix {
  return matrix.map((column) => times(matrix, column));
}
