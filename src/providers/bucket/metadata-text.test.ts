import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeText, encodedMetadata, encodeText, metadataIn, textOfBytes } from './metadata-text.ts';

describe('texts of metadata in headers', () => {
  it('are themselves where they are plain', () => {
    for (const text of ['100644', 'a b', '2006-01-02T15:04:05.999999999Z', '100% %41 =?', "a UTF-8''"]) {
      assert.equal(encodeText(text), text);
      assert.equal(decodeText(text), text);
    }
  });

  it('are printable ASCII in any case, and come back', () => {
    const texts = [
      '',
      ' ',
      ' a',
      'a ',
      'a  b',
      'é',
      '😀',
      'a\nb',
      '\0\u007f',
      "(it's*)é",
      '=?UTF-8?Q?a?=',
      "utf-8''a%41",
    ];
    for (const text of texts) {
      const sent = encodeText(text);
      assert.match(sent, /^UTF-8''[\w!~.%-]*$/);
      assert.equal(decodeText(sent), text);
    }
    assert.equal(encodeText('café'), "UTF-8''caf%C3%A9");
  });

  it('are read as Amazon answers them', () => {
    assert.equal(decodeText('=?UTF-8?Q?caf=C3=A9_au_lait?='), 'café au lait');
    assert.equal(decodeText('=?utf-8?b?Y2Fmw6k=?='), 'café');
    assert.equal(decodeText('=?UTF-8?Q?caf=C3?= =?UTF-8?Q?=A9?='), 'café');
  });

  it('are read where they came as bytes', () => {
    assert.equal(textOfBytes('na\u00c3\u00afve'), 'naïve');
    for (const text of ['plain', 'na\u00efve', '日本 \u00c3\u00af']) assert.equal(textOfBytes(text), text);
  });

  it('that are in no form stay as they are', () => {
    for (const text of ["UTF-8''%", "UTF-8''%ff", '=?UTF-8?Q?=ff?=', '=?latin1?Q?a?=', '=?UTF-8?Q?a', 'raw é']) {
      assert.equal(decodeText(text), text);
    }
  });
});

it('metadata leaves out the time and what is no name', () => {
  const kept = Object.entries({
    mtime: '1',
    'goog-reserved-file-mtime': '1',
    Upper: '1',
    a: "UTF-8''%C3%A9",
    b: undefined,
  });
  assert.deepEqual(metadataIn(kept), { a: 'é' });
  assert.deepEqual(encodedMetadata({ a: 'é', mode: '100644' }), { a: "UTF-8''%C3%A9", mode: '100644' });
});
