/** CRC32C (Castagnoli, RFC 3720 appendix B.4), a byte at a time: the fake's own, so that it checks what others calculate. */
const table = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** The checksum as Google writes it: base64 of four bytes, big-endian. */
export function googleCrc32c(bytes: Uint8Array): string {
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) {
    crc = (table[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  const sum = Buffer.alloc(4);
  sum.writeInt32BE(~crc);
  return sum.toString('base64');
}
