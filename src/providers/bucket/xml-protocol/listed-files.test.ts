import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isStoreError } from '../../../store/errors.ts';
import { readListing } from './listed-files.ts';

const file = (key: string, etag = '&quot;e&quot;'): string =>
  `<Contents><Key>${key}</Key><LastModified>2025-11-01T00:00:00.000Z</LastModified><ETag>${etag}</ETag><Size>4096</Size>` +
  '<Owner><ID>owner</ID><DisplayName>Key</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>';
const page = (body: string): string =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>${body}</ListBucketResult>`;

/** The same document in a form that only the parser reads. */
const commented = (text: string): string => text.replace('<Name>', '<!-- read by the parser --><Name>');

describe('a page of a listing', () => {
  it('is read by its tags, and all else of it by the parser', () => {
    const { files, rest } = readListing(
      page(
        `<IsTruncated>true</IsTruncated>${file('a')}<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>${file('b')}`,
      ),
    );
    assert.deepEqual(
      files.map(({ key, size, etag }) => [key, size, etag]),
      [
        ['a', '4096', '"e"'],
        ['b', '4096', '"e"'],
      ],
    );
    assert.deepEqual(
      rest.children.map(({ name }) => name),
      ['Name', 'IsTruncated', 'CommonPrefixes'],
    );
  });

  it('says the same as the parser, whatever the keys are', () => {
    const sign = fc.constantFrom(
      'a',
      '&amp;',
      '&#x1F600;',
      '&#10;',
      '&#13;',
      '&lt;Key&gt;',
      '%20',
      '&apos;',
      ' ',
      'ü',
      '\r\n',
      ']]&gt;',
    );
    fc.assert(
      fc.property(fc.array(fc.array(sign)), (keys) => {
        const text = page(keys.map((signs) => file(signs.join(''))).join('\n'));
        assert.deepEqual(readListing(text).files, readListing(commented(text)).files);
      }),
    );
  });

  it('is read whatever form its tags have', () => {
    for (const text of [
      commented(page(file('a'))),
      page(file('<![CDATA[a]]>')),
      page(file('a').replace('<Contents>', '<Contents x="1">')),
      page(file('a').replaceAll(/<(\/?)(?=[A-Z])/g, '<$1s:')).replace('xmlns=', 'xmlns:s="http://s/" xmlns='),
    ])
      assert.deepEqual(
        readListing(text).files.map(({ key }) => key),
        ['a'],
        text,
      );
  });

  it('that was cut off is refused', () => {
    const whole = page(file('a') + file('b'));
    for (let end = 0; end < whole.length - 1; end += 7)
      assert.throws(
        () => readListing(whole.slice(0, end)),
        (error) => isStoreError(error, 'Unavailable'),
        `cut off at ${end}`,
      );
  });
});
