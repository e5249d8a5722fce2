import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { annotated, received, requestMessage } from '../../test/fakes/fuse-bytes.ts';
import { MalformedRequest, readAttributeChanges, RequestReader } from './decode.ts';
import { Errno } from './errno.ts';
import { WireBuffer } from './wire-buffer.ts';

function readerOf(argumentText: string): RequestReader {
  const message = requestMessage(1, 5, annotated(argumentText));
  const reader = new RequestReader(new WireBuffer(64));
  reader.attach(received(message), message.length);
  return reader;
}

describe('struct fuse_in_header', () => {
  it('is read field by field', () => {
    const message = annotated(`
      2a000000 10000000  // len 42, opcode WRITE
      0807060504030201   // unique
      0100000001000000   // nodeid
      e8030000 64000000 9210feff  // uid, gid, pid
      0000 0000          // total_extlen, padding
      "a" 00
    `);
    const reader = new RequestReader(new WireBuffer(64));
    reader.attach(received(message), message.length);
    assert.deepEqual(
      [reader.announcedLength, reader.opcode, reader.uniqueLow, reader.uniqueHigh, reader.node],
      [42, 16, 0x0506_0708, 0x0102_0304, 2 ** 32 + 1],
    );
    assert.deepEqual([reader.uid, reader.gid, reader.pid, reader.argumentBytes], [1000, 100, 0xfffe_1092, 2]);
    assert.equal(reader.name(0), 'a');
  });
});

describe('names', () => {
  for (const name of ['a', ' ', '%2F+"\\', '..x', '\u00fc', 'u\u0308', '\ufeffbom', '\ufffd', '😀', 'x'.repeat(255)]) {
    it(`${JSON.stringify(name).slice(0, 20)} comes as it is`, () => {
      const reader = readerOf(`${Buffer.from(name).toString('hex')} 00`);
      assert.equal(reader.name(0), name);
      assert.equal(reader.afterName, Buffer.byteLength(name) + 1);
    });
  }

  for (const hex of ['ff', '61c3', 'c0af', 'eda080', 'efbfbdff', 'f4908080'])
    it(`${hex} is not UTF-8 and answers EILSEQ`, () =>
      assert.throws(
        () => readerOf(`${hex} 00`).name(0),
        (error) => error === Errno.of('EILSEQ'),
      ));

  it('256 bytes are too long for a name, not for a target', () => {
    for (const text of ['x'.repeat(256), 'ü'.repeat(128)]) {
      const reader = readerOf(`${Buffer.from(text).toString('hex')} 00`);
      assert.throws(
        () => reader.name(0),
        (error) => error === Errno.of('ENAMETOOLONG'),
      );
      assert.equal(reader.text(0), text);
    }
  });

  it('never reach beyond the request', () => {
    for (const text of ['', '00', '"ab"']) assert.throws(() => readerOf(text).name(0), MalformedRequest);
    assert.throws(() => readerOf('"ab" 00 "c"').name(3), MalformedRequest);
    assert.throws(() => readerOf('"ab"').data(0, 3), MalformedRequest);
  });
});

describe('struct fuse_setattr_in', () => {
  const setattr = (valid: string): string => `${valid} ${'00'.repeat(84)}`;

  it('leaves out what is not to change', () => {
    const changes = readAttributeChanges(readerOf(setattr('00000000')));
    assert.ok(Object.values(changes).every((value) => value === undefined));
  });

  it('knows the times that are now', () => {
    const { atime, mtime } = readAttributeChanges(readerOf(setattr('b0010000')));
    assert.deepEqual([atime, mtime], ['now', 'now']);
  });

  it('tells a zero from nothing', () => {
    const changes = readAttributeChanges(readerOf(setattr('7f000000')));
    assert.deepEqual(Object.values(changes), [0, 0, 0, 0, 0, 0, 0]);
  });
});
