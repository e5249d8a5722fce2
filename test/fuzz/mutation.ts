/** Numbers in [0, 1). */
export type Random = () => number;

/** What parsers like to trip over. */
const texts = [
  ['0', '-1', '1e308', '9007199254740993', '18446744073709551616', 'NaN', '', ' ', '\0', '\n', '\r\n', '%', '%00'],
  ['%2f..', '../', '..', '/', '//', '"', "'", '\\', '\\u0000', '\\ud800', 'null', 'true', '[]', '{}', '[', '{'],
  [',', ':', ';', '=', '<', '>', '&', '&#0;', '&lt;', '<!--', '<![CDATA[', '<html>', '\ufeff', '\u{1f600}', 'ü'],
  ['__proto__', 'constructor', 'toString', 'length', '<!DOCTYPE a [<!ENTITY b "c">]>', 'bytes 0-0/1', 'bytes */0'],
  ['Thu, 01 Jan 1970 00:00:00 GMT', '+275760-09-13T00:00:00.001Z', '0001-01-01', 'x'.repeat(300)],
].flat();
const words: readonly Buffer[] = [
  ...texts.map((text) => Buffer.from(text)),
  ...['ff', 'c328', 'eda080', '00000000', 'ffffffff', 'ffffffffffffffff', '0000000000000080'].map((hex) =>
    Buffer.from(hex, 'hex'),
  ),
];

/** A whole number from 0 up to `limit` without it. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** One of these. */
export function oneOf<T>(random: Random, all: readonly T[]): T {
  return all[below(random, all.length)] as T;
}

/** Bytes like those of `sample`, with one to `most` changes; `others` lend parts of theirs. */
export function mutated(random: Random, sample: Buffer, others: readonly Buffer[] = [sample], most = 8): Buffer {
  let bytes = sample;
  for (let changes = 1 + below(random, most); changes > 0; changes--)
    bytes = oneOf(random, mutations)(random, bytes, others);
  return bytes;
}

type Mutation = (random: Random, bytes: Buffer, others: readonly Buffer[]) => Buffer;

const longest = 1 << 16;

const mutations: readonly Mutation[] = [
  // A bit is another.
  (random, bytes) => {
    const changed = Buffer.from(bytes);
    const at = below(random, bytes.length);
    if (bytes.length > 0) changed.writeUInt8(bytes.readUInt8(at) ^ (1 << below(random, 8)), at);
    return changed;
  },
  // A byte is another.
  (random, bytes) => {
    const changed = Buffer.from(bytes);
    if (bytes.length > 0) changed.writeUInt8(below(random, 256), below(random, bytes.length));
    return changed;
  },
  // A part is missing.
  (random, bytes) => replaced(bytes, part(random, bytes), Buffer.alloc(0)),
  // The end is missing.
  (random, bytes) => bytes.subarray(0, below(random, bytes.length + 1)),
  // A part comes again.
  (random, bytes) => {
    const { start, end } = part(random, bytes);
    const again = bytes.subarray(start, end);
    return replaced(bytes, { start, end: start }, Buffer.concat(Array(1 + below(random, 4)).fill(again)));
  },
  // A word comes in, or takes the place of a part.
  (random, bytes) => {
    const { start, end } = part(random, bytes);
    return replaced(bytes, { start, end: random() < 0.5 ? start : end }, oneOf(random, words));
  },
  // A number, or the text between two quotes or brackets, is a word.
  (random, bytes) => {
    const values = [...bytes.toString('latin1').matchAll(/\d+|(?<=")[^"]*(?=")|(?<=>)[^<]*(?=<)|(?<=[:=] ?)[^\r\n]+/g)];
    if (values.length === 0) return bytes;
    const { index, 0: value } = oneOf(random, values);
    return replaced(bytes, { start: index, end: index + value.length }, oneOf(random, words));
  },
  // A part of another sample comes in.
  (random, bytes, others) => {
    const other = oneOf(random, others);
    const { start, end } = part(random, other);
    return replaced(bytes, part(random, bytes), other.subarray(start, end));
  },
];

/** A part, short in most cases. */
function part(random: Random, bytes: Buffer): { start: number; end: number } {
  const start = below(random, bytes.length + 1);
  const most = random() < 0.8 ? Math.min(16, bytes.length - start) : bytes.length - start;
  return { start, end: start + below(random, most + 1) };
}

function replaced(bytes: Buffer, { start, end }: { start: number; end: number }, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]).subarray(0, longest);
}
