import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closestWord, suggestionFor } from './closest-word.ts';

describe('closestWord', () => {
  const words = ['cache', 'cache_dir', 'metadata_cache', 'password', 'user'];
  const expected: [string, string | undefined][] = [
    ['cahce', 'cache'],
    ['cachedir', 'cache_dir'],
    ['pasword', 'password'],
    ['PASSWORT', 'password'],
    ['metadatacache', 'metadata_cache'],
    ['usr', 'user'],
    ['host', undefined],
    ['', undefined],
  ];
  for (const [word, closest] of expected)
    it(`finds ${closest} for "${word}"`, () => assert.equal(closestWord(word, words), closest));

  it('prefers the nearest, not the first', () => assert.equal(closestWord('caches', ['cashews', 'cache']), 'cache'));

  it('makes the end of a sentence', () => {
    assert.equal(suggestionFor('usr', words), ' (did you mean "user"?)');
    assert.equal(suggestionFor('xyz', words), '');
  });
});
