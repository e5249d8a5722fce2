import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { annotated } from '../../test/fakes/fuse-bytes.ts';
import { attributes, entry } from '../../test/fakes/fuse-exchanges.ts';
import { ReplyWriter } from './encode.ts';
import type { Attributes } from './file-system.ts';
import { WireBuffer } from './wire-buffer.ts';

function makeReply(): ReplyWriter {
  const buffer = new WireBuffer(4096);
  buffer.bytes.fill(0xa5);
  return new ReplyWriter(buffer);
}

function payload(reply: ReplyWriter, length: number): Buffer {
  return reply.buffer.bytes.subarray(16, 16 + length);
}

describe('struct fuse_out_header', () => {
  it('says length, error and whose reply it is', () => {
    const reply = makeReply();
    const length = reply.finish(0x0506_0708, 0x0102_0304, 8);
    assert.equal(length, 24);
    assert.deepEqual(
      reply.buffer.bytes.subarray(0, 16),
      annotated('18000000 00000000 0807060504030201  // len, error, unique'),
    );
  });

  it('of a failure stands alone', () => {
    const reply = makeReply();
    assert.equal(reply.fail(7, 0, 2), 16);
    assert.deepEqual(reply.buffer.bytes.subarray(0, 16), annotated('10000000 feffffff 0700000000000000'));
  });
});

describe('struct fuse_entry_out', () => {
  it('of a missing name is empty but for the time that holds', () => {
    const reply = makeReply();
    const length = reply.entry({ node: 0, entryTimeout: 2.5 });
    assert.deepEqual(
      payload(reply, length),
      annotated(`${'00'.repeat(16)} 0200000000000000 ${'00'.repeat(8)} 0065cd1d ${'00'.repeat(92)}`),
    );
  });

  it('holds times of validity from none to for ever', () => {
    for (const [timeout, seconds] of [
      [0, 0],
      [-1, 0],
      [Number.NaN, 0],
      [1e12, 2 ** 32 - 1],
      [Number.POSITIVE_INFINITY, 2 ** 32 - 1],
    ] as const) {
      const reply = makeReply();
      reply.entry({ ...entry, entryTimeout: timeout });
      assert.equal(reply.buffer.bytes.readBigUInt64LE(16 + 16), BigInt(seconds));
      assert.equal(reply.buffer.bytes.readUInt32LE(16 + 32), 0);
    }
  });

  it('of a created file has a node', () => {
    const missing = { entry: { node: 0, entryTimeout: 0 } as const, open: { handle: 1 } };
    assert.throws(() => makeReply().create(missing), TypeError);
  });
});

describe('times', () => {
  const timeOf = (mtime: number): [seconds: bigint, nanoseconds: number] => {
    const reply = makeReply();
    const changed: Attributes = { ...attributes, mtime };
    reply.attributes({ attributes: changed, attributeTimeout: 0 });
    const at = 16 + 16;
    return [reply.buffer.bytes.readBigInt64LE(at + 32), reply.buffer.bytes.readUInt32LE(at + 52)];
  };

  it('keep every microsecond, before and after 1970', () => {
    assert.deepEqual(timeOf(0), [0n, 0]);
    assert.deepEqual(timeOf(-0.001), [-1n, 999_999_000]);
    assert.deepEqual(timeOf(1_700_000_000_999.999), [1_700_000_000n, 999_999_000]);
    assert.deepEqual(timeOf(1_700_000_000_123.456), [1_700_000_000n, 123_456_000]);
    assert.deepEqual(timeOf(4_102_444_800_000), [4_102_444_800n, 0]);
  });

  it('never reach a whole second of nanoseconds', () => {
    assert.deepEqual(timeOf(999.9999), [1n, 0]);
  });
});

describe('the payload of a read', () => {
  it('is one view as long as the length stays', () => {
    const reply = makeReply();
    assert.equal(reply.payload(100), reply.payload(100));
    assert.equal(reply.payload(200).length, 200);
    assert.equal(reply.payload(200).byteOffset, 16);
  });

  it('never holds more than was asked for, nor than fits', () => {
    assert.throws(() => makeReply().data(new Uint8Array(5), 4), RangeError);
    assert.throws(() => makeReply().data(new Uint8Array(4096), 5000), RangeError);
  });
});

describe('FOPEN flags', () => {
  it('are those that were answered', () => {
    for (const [open, flags] of [
      [{}, 0],
      [{ directIo: true }, 1],
      [{ keepCache: true }, 2],
      [{ cacheDirectory: true }, 8],
      [{ noFlush: true }, 0x20],
      [{ backing: 7 }, 0x80],
      [{ backing: 7, directIo: true, noFlush: true }, 0xa1],
    ] as const) {
      const reply = makeReply();
      const length = reply.open({ handle: 1, ...open });
      const bytes = payload(reply, length);
      assert.deepEqual([length, bytes.readUInt32LE(8)], [16, flags]);
      assert.equal(bytes.readInt32LE(12), 'backing' in open ? open.backing : 0);
    }
  });
});
