import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mask, maskOccurrences, maskSecrets } from './mask-secrets.ts';
import { namesOf, options } from './options.ts';

describe('maskSecrets', () => {
  for (const key of options.filter(({ secret }) => secret).flatMap(namesOf)) {
    it(`masks ${key}, whatever its case, sign and lines`, () => {
      const text = `[auth]\n${key} = hunter2\n${key.toUpperCase()}: hunter2 ; hunter2\n  hunter2\n# note\n  hunter2\n#${key}=hunter2\n`;
      const shown = maskSecrets(text);
      assert.ok(!shown.includes('hunter2'), shown);
      assert.ok(shown.includes(`${key} = ${mask}\n`), shown);
    });
  }

  it('shows everything else as it stands', () => {
    const text =
      '[store]\nname = local ; mine\ncache_dir = /a\n  /b\n\n# a comment: here\n[auth]\nuser = me\nid: abc\nsecret =\n';
    assert.equal(maskSecrets(text), text);
  });

  it('shows a reference, which is no secret, and masks what is more than one', () => {
    assert.equal(maskSecrets('secret = ${SECRET}'), 'secret = ${SECRET}');
    assert.equal(maskSecrets('secret = ${SECRET}hunter2'), `secret = ${mask}`);
  });

  it('masks misspelt keys and lines that cannot be read', () => {
    const shown = maskSecrets('[auth]\npasword = hunter2\npassword hunter2\n hunter2\n# my token: hunter2\n');
    assert.ok(!shown.includes('hunter2'), shown);
  });

  it('masks the password inside an address', () => {
    assert.equal(maskSecrets('url = https://me:hunter2@dav.example/x'), `url = https://me:${mask}@dav.example/x`);
  });
});

describe('maskOccurrences', () => {
  it('masks every secret, the longer one first, and its spelling in an address', () => {
    assert.equal(maskOccurrences('a b/c b/cd and b%2Fc', ['b/c', '', 'b/cd']), `a ${mask} ${mask} and ${mask}`);
  });

  it('takes a secret for characters, not for a pattern', () => {
    assert.equal(maskOccurrences('x.y xzy $&', ['x.y', '$&']), `${mask} xzy ${mask}`);
  });
});
