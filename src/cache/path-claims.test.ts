import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PathClaims } from './path-claims.ts';

test('a path is claimed once, and free again when it is let go', () => {
  const claims = new PathClaims();
  const release = claims.claim(['/a/b', '/c'], false);
  assert.equal(claims.fits(['/a/b'], false), false);
  assert.equal(claims.fits(['/x', '/c'], false), false);
  assert.equal(claims.fits(['/a', '/a/bb', '/a/b/c'], false), true);
  release();
  assert.equal(claims.fits(['/a/b', '/c'], true), true);
});

test('a whole directory is claimed with all below it, and only when nothing below it is', () => {
  const claims = new PathClaims();
  const whole = claims.claim(['/d'], true);
  assert.equal(claims.fits(['/d/deep/file'], false), false);
  assert.equal(claims.fits(['/dd', '/'], false), true);
  whole();
  const file = claims.claim(['/d/deep/file'], false);
  assert.equal(claims.fits(['/d'], true), false);
  assert.equal(claims.fits(['/d'], false), true);
  file();
  assert.equal(claims.fits(['/d'], true), true);
});

test('claims of the same path are counted', () => {
  const claims = new PathClaims();
  const [first, second] = [claims.claim(['/d'], true), claims.claim(['/d', '/d/file'], true)];
  first();
  assert.equal(claims.fits(['/d/file'], false), false);
  second();
  assert.equal(claims.fits(['/d/file'], true), true);
});
