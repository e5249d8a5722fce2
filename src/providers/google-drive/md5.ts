/** Where the checksum of the first bytes of a file stands, so that it can go on another day. */
export type Md5State = readonly [number, number, number, number];

const beginning: Md5State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
const blockBytes = 64;

/** RFC 1321, section 3.4: shifts of the four rounds, and the sines. */
const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
].flatMap((round) => [...round, ...round, ...round, ...round]);
const sines = Int32Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32));

/** MD5 (RFC 1321) that can be saved and go on, which Node's own cannot. For what is sent slowly: Node's is faster. */
export class Md5 {
  #state: Md5State;
  #bytes: number;
  #rest: Uint8Array = new Uint8Array(0);

  /** Goes on from `state`, in which it was after `bytes` bytes, a multiple of 64. */
  constructor(bytes: number = 0, state: Md5State = beginning) {
    if (bytes % blockBytes !== 0) throw new RangeError('a checksum goes on after whole blocks');
    this.#bytes = bytes;
    this.#state = state;
  }

  /** The same, to go on alone. */
  copy(): Md5 {
    const copy = new Md5(0, this.#state);
    [copy.#bytes, copy.#rest] = [this.#bytes, this.#rest.slice()];
    return copy;
  }

  update(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - (bytes.length % blockBytes);
    for (let at = 0; at < whole; at += blockBytes) this.#state = mixed(this.#state, bytes, at);
    this.#rest = bytes.slice(whole);
  }

  /** To go on from; undefined within a block. */
  get state(): Md5State | undefined {
    return this.#rest.length === 0 ? this.#state : undefined;
  }

  /** The checksum of all bytes so far, hexadecimal. */
  digest(): string {
    const end = this.copy();
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(this.#bytes) * 8n);
    const gap = (119 - (this.#bytes % blockBytes)) % blockBytes;
    end.update(Buffer.concat([Buffer.of(0x80), Buffer.alloc(gap), length]));
    const sum = Buffer.alloc(16);
    for (const [index, word] of end.#state.entries()) sum.writeInt32LE(word | 0, index * 4);
    return sum.toString('hex');
  }
}

const words = new Int32Array(16);

function mixed(state: Md5State, bytes: Uint8Array, at: number): Md5State {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, blockBytes);
  for (let index = 0; index < 16; index++) words[index] = view.getInt32(index * 4, true);
  let [a, b, c, d] = state;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const chosen =
      round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
    const place =
      round === 0 ? step : round === 1 ? (5 * step + 1) & 15 : round === 2 ? (3 * step + 5) & 15 : (7 * step) & 15;
    const sum = (a + chosen + (sines[step] ?? 0) + (words[place] ?? 0)) | 0;
    const shift = shifts[step] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
}
