import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodedPath, namesOfHref, pathBelow } from './dav-path.ts';

describe('the paths of WebDAV', () => {
  it('are encoded name by name', () => {
    assert.equal(encodedPath('/'), '');
    assert.equal(encodedPath('/a b/100%#?;+/ü'), '/a%20b/100%25%23%3F%3B%2B/%C3%BC');
  });

  it('are read in every style', () => {
    const styles = ['/a%20b/%c3%bc', '/a b/ü/', 'https://host:81/a%20b/%C3%BC/', '//a%20b//ü', ' /a%20b/%C3%BC\n'];
    for (const href of styles) assert.deepEqual(namesOfHref(href), ['a b', 'ü'], href);
    assert.deepEqual(namesOfHref('/100%/a?b#c/%2B+/%252F'), ['100%', 'a?b#c', '++', '%2F']);
    assert.deepEqual(namesOfHref('/%EF%BB%BFx'), ['\ufeffx']);
    assert.deepEqual(namesOfHref('/'), []);
  });

  it('are none where a name cannot be one', () => {
    for (const href of ['/a/../b', '/%2e%2e/b', '/a%2Fb', '/%00', '/%ff'])
      assert.equal(namesOfHref(href), undefined, href);
  });

  it('lie below the root or do not', () => {
    assert.equal(pathBelow(['dav', 'anna'], ['dav', 'anna', 'x']), '/x');
    assert.equal(pathBelow(['dav', 'anna'], ['dav', 'anna']), '/');
    assert.equal(pathBelow(['dav', 'anna'], ['dav', 'annabel', 'x']), undefined);
    assert.equal(pathBelow(['dav', 'anna'], ['dav']), undefined);
  });
});
