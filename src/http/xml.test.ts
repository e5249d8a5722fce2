import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStoreError } from '../store/errors.ts';
import { childCalled, parseXml, textOf, type XmlElement, xmlRecords } from './xml.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const page =
  '<?xml version="1.0" encoding="utf-8"?>\n<r><k>1</k><entry><name>a &amp; ü &#x1F389;<![CDATA[<]]></name></entry><entry/></r>';

describe('parseXml', () => {
  it('understands every style of namespaces', () => {
    for (const text of [
      '<D:a xmlns:D="DAV:"><D:b>x</D:b></D:a>',
      '<a xmlns="DAV:"><b>x</b></a>',
      '<a xmlns="DAV:"><other:b xmlns:other="DAV:">x</other:b></a>',
    ]) {
      const root = parseXml(text);
      assert.deepEqual([root.name, root.namespace], ['a', 'DAV:']);
      assert.equal(textOf(childCalled(root, 'b', 'DAV:')), 'x');
      assert.equal(childCalled(root, 'b', 'else:'), undefined);
    }
  });

  it('answers the text directly inside, and none for what is not there', () => {
    const root = parseXml('<a> 1<b>2</b>3 </a>');
    assert.equal(textOf(root), ' 13 ');
    assert.equal(textOf(childCalled(root, 'c')), '');
  });

  it('refuses what is no XML, is cut off, or has entities of its own', () => {
    for (const text of [
      '',
      'not found',
      '<html><body><p>Login<br></body></html>',
      '<a><b>',
      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
      '<a/><b/>',
    ])
      assert.throws(
        () => parseXml(text),
        (error) => isStoreError(error, 'Unavailable'),
        text,
      );
  });
});

describe('xmlRecords', () => {
  it('yields records across any borders of chunks, and returns the rest', async () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const records = xmlRecords(inPieces(page, size), (name) => name === 'entry');
      const found: XmlElement[] = [];
      let next = await records.next();
      for (; next.done !== true; next = await records.next()) found.push(next.value);
      assert.deepEqual(
        found.map((entry) => textOf(childCalled(entry, 'name'))),
        ['a & ü 🎉<', ''],
      );
      assert.equal(next.value.name, 'r');
      assert.deepEqual(
        next.value.children.map(({ name }) => name),
        ['k'],
      );
    }
  });

  it('throws after the records that came, when the document was cut off', async () => {
    const records = xmlRecords(inPieces(page.slice(0, -4), 10), (name) => name === 'entry');
    await records.next();
    await records.next();
    await assert.rejects(records.next(), (error) => isStoreError(error, 'Unavailable'));
  });

  it('keeps nothing of the records', async () => {
    const large = `<r>${'<entry><name>x</name></entry>'.repeat(5000)}</r>`;
    const records = xmlRecords(inPieces(large, 1 << 14), (name) => name === 'entry');
    let count = 0;
    for (let next = await records.next(); next.done !== true; next = await records.next()) count++;
    assert.equal(count, 5000);
  });
});
