/** Reversed polynomial of CRC-32 (ISO 3309), as `node:zlib` computes it. */
const polynomial = 0xedb88320;

/**
 * The CRC-32 of two pieces of data one behind the other, from the sums of each and the length of the second. Appending a zero
 * bit multiplies a sum by x modulo the polynomial, so appending `length` bytes multiplies it by x to the power of 8 * length.
 */
export function joinCrc32(first: number, second: number, length: number): number {
  let power = 0x80000000;
  // x^8, squared for each bit of the length.
  let square = 0x00800000;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return (multiply(first, power) ^ second) >>> 0;
}

/** The product of two polynomials modulo that of CRC-32; the highest bit stands for x to the power of 0. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = 0x80000000; bit > 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor;
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial;
  }
  return product >>> 0;
}

/** A sum as the service writes it: 4 bytes, base64. */
export function crc32Text(sum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString('base64');
}

/** The sum that a text tells, or undefined where it tells none: a sum of sums ends in `-` and the number of parts. */
export function crc32Of(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]{6}==$/.test(text)) return undefined;
  return Buffer.from(text, 'base64').readUInt32BE();
}
