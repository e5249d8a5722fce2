import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStoreError } from '../store/errors.ts';
import { childCalled, parseXml, textOf } from './xml.ts';

test('a prefix, another prefix and a default namespace mean the same', () => {
  for (const document of [
    '<D:prop xmlns:D="DAV:"><D:getetag>"a"</D:getetag></D:prop>',
    '<x:prop xmlns:x="DAV:"><y:getetag xmlns:y="DAV:">"a"</y:getetag></x:prop>',
    '<prop xmlns="DAV:"><getetag>"a"</getetag></prop>',
  ]) {
    const root = parseXml(document);
    assert.deepEqual([root.name, root.namespace], ['prop', 'DAV:']);
    assert.equal(textOf(root, 'getetag', 'DAV:'), '"a"');
  }
});

test('a namespace tells apart what is called the same', () => {
  const root = parseXml('<p xmlns="DAV:"><size xmlns="other:">1</size><size>2</size><size xmlns="">3</size></p>');
  assert.equal(textOf(root, 'size'), '1');
  assert.equal(textOf(root, 'size', 'DAV:'), '2');
  assert.equal(textOf(root, 'size', ''), '3');
  assert.equal(childCalled(root, 'size', 'unknown:'), undefined);
});

test('text has its entities and CDATA resolved and keeps its white space', () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- a --><k> a &amp;&#x1F600;&#98;\r\n<![CDATA[<&amp;>]]><i>inner</i> z </k>',
  );
  assert.equal(root.text, ' a &\u{1F600}b\n<&amp;> z ');
  assert.equal(textOf(root), root.text);
  assert.equal(textOf(root, 'nothing'), '');
  assert.equal(textOf(undefined), '');
});

test('an empty element and one with a byte order mark before it are documents', () => {
  assert.deepEqual(parseXml('\uFEFF<a/>'), { name: 'a', namespace: '', text: '', children: [] });
});

test('control characters, which services write although XML cannot hold them, do not break an answer', () => {
  assert.equal(textOf(parseXml('<r><Key>a&#x1;b</Key></r>'), 'Key'), 'a&#x1;b');
  assert.equal(textOf(parseXml('<r><Key>a\u0001b</Key></r>'), 'Key'), 'a\u0001b');
});

test('what is no XML is Unavailable, with the reason', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /it is empty/],
    ['  \n', /it is empty/],
    ['{"error": "nobody"}', /something else/],
    ['<!DOCTYPE html><html><body><br></body></html>', /a web page/],
    ['<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', /a web page/],
    ['<HTML><body/></HTML>', /a web page/],
    ['<a><b></b>', /ends early/],
    ['<a><b></a>', /broken/],
    ['<a/><b/>', /broken/],
    ['<a>&unknown;</a>', /broken/],
    ['<p:a/>', /prefix/],
    [`${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, /nested too deeply/],
    ['<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]><a>&m;</a>', /declares entities/],
    ['<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">]><a/>', /declares entities/],
  ];
  for (const [document, message] of wrong) {
    assert.throws(
      () => parseXml(document),
      (error) => isStoreError(error, 'Unavailable') && message.test(error.message),
      document.slice(0, 60),
    );
  }
});

test('attributes are told without those that declare namespaces', () => {
  const root = parseXml('<c xmlns="a" xmlns:p="b" hasMore="true" p:end="1 &amp; 2"><d/></c>');
  assert.deepEqual({ ...root.attributes }, { hasMore: 'true', end: '1 & 2' });
  assert.equal(root.children[0]?.attributes, undefined);
});
