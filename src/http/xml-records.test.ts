import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStoreError } from '../store/errors.ts';
import { textOf, type XmlElement } from './xml.ts';
import { xmlRecords } from './xml-records.ts';

const isResponse = (name: string, namespace: string): boolean => name === 'response' && namespace === 'DAV:';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(records: AsyncGenerator<XmlElement, XmlElement>): Promise<[XmlElement[], XmlElement]> {
  const all: XmlElement[] = [];
  for (;;) {
    const next = await records.next();
    if (next.done === true) return [all, next.value];
    all.push(next.value);
  }
}

test('whatever the pieces are cut like, records and the root are the same', async () => {
  const document =
    '\uFEFF<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">\r\n <d:response><d:href>/ä😀&amp;</d:href></d:response>\n' +
    ' <d:response><d:href>/b</d:href></d:response><d:sync-token>t1</d:sync-token></d:multistatus>\n';
  for (const size of [1, 2, 3, 5, 7, 64, 4096]) {
    const [records, root] = await readAll(xmlRecords(pieces(document, size), isResponse));
    assert.deepEqual(
      records.map((record) => textOf(record, 'href')),
      ['/ä😀&', '/b'],
    );
    assert.deepEqual([root.name, root.children.map((child) => child.name)], ['multistatus', ['sync-token']]);
    assert.equal(textOf(root, 'sync-token'), 't1');
  }
});

test('a record comes before the rest of the document is there', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<r>');
    for (;;) {
      asked++;
      yield Buffer.from('<k>a</k>\n');
    }
  }
  const records = xmlRecords(endless(), (name) => name === 'k');
  for (let count = 1; count <= 1000; count++) {
    assert.equal((await records.next()).value.text, 'a');
    assert.equal(asked, count);
  }
  await records.return({ name: '', namespace: '', text: '', children: [] });
});

test('the depth is 0 for the root, and a record within a record belongs to the outer one', async () => {
  const depths: string[] = [];
  const isRecord = (name: string, _namespace: string, depth: number): boolean => {
    depths.push(`${name}${depth}`);
    return name === 'k';
  };
  const [records, root] = await readAll(xmlRecords(pieces('<r><x><y/></x><k><k>in</k></k><k/></r>', 10), isRecord));
  assert.deepEqual(depths, ['r0', 'x1', 'y2', 'k1', 'k1']);
  assert.deepEqual(
    records.map((record) => record.children.length),
    [1, 0],
  );
  assert.equal(root.children.length, 1);
});

test('a root that is a record is both', async () => {
  const [records, root] = await readAll(xmlRecords(pieces('<k>a</k>', 3), () => true));
  assert.equal(records.length, 1);
  assert.equal(root.text, 'a');
});

test('a document that ends early throws after the records before its end', async () => {
  const records = xmlRecords(pieces('<r><k>1</k><k>2</k><k>3', 4), (name) => name === 'k');
  assert.equal((await records.next()).value.text, '1');
  assert.equal((await records.next()).value.text, '2');
  await assert.rejects(records.next(), (error) => isStoreError(error, 'Unavailable') && /early/.test(error.message));
});

test('a login page and an empty answer are Unavailable, and what the body throws is untouched', async () => {
  for (const text of ['<!doctype html>\n<html><p>Sign in', 'Sign in', ''])
    await assert.rejects(
      readAll(xmlRecords(pieces(text, 8), isResponse)),
      (error) => isStoreError(error, 'Unavailable'),
      text,
    );
  const reason = new Error('stop');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<r>');
    throw reason;
  }
  await assert.rejects(readAll(xmlRecords(failing(), isResponse)), (error) => error === reason);
});
