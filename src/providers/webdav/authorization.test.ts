import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenges } from './auth-challenge.ts';
import { Authorization } from './authorization.ts';

const credentials = { user: 'anna', password: 'pä:ss' };
const digest = 'Digest realm="r", nonce="one", qop="auth"';

function wants(challenges: string): { 'www-authenticate': string } {
  return { 'www-authenticate': challenges };
}

describe('Authorization', () => {
  it('sends nothing before the server has asked', () => {
    assert.equal(new Authorization(credentials).header('GET', '/'), undefined);
  });

  it('answers Basic in UTF-8, and never twice', () => {
    const authorization = new Authorization(credentials);
    assert.ok(authorization.mayRepeat(wants('Basic realm="r"'), undefined));
    const header = authorization.header('GET', '/');
    assert.equal(header, `Basic ${Buffer.from('anna:pä:ss').toString('base64')}`);
    assert.equal(authorization.mayRepeat(wants('Basic realm="r"'), header), false);
  });

  it('prefers Digest to Basic, and SHA-256 to MD5', () => {
    const authorization = new Authorization(credentials);
    const sha = 'Digest realm="r", nonce="two", qop="auth", algorithm=SHA-256';
    assert.ok(authorization.mayRepeat(wants(`Basic realm="r", ${digest}, ${sha}`), undefined));
    assert.match(authorization.header('GET', '/') ?? '', /^Digest .*nonce="two".*algorithm=SHA-256/);
  });

  it('goes on with a stale nonce, and gives up a wrong password', () => {
    const authorization = new Authorization(credentials);
    assert.ok(authorization.mayRepeat(wants(digest), undefined));
    const sent = authorization.header('GET', '/');
    assert.equal(authorization.mayRepeat(wants(digest), sent), false);
    assert.ok(authorization.mayRepeat(wants(`${digest.replace('one', 'three')}, stale=TRUE`), sent));
    assert.match(authorization.header('GET', '/') ?? '', /nonce="three".*nc=00000001/);
  });

  it('does not count anew when many requests are asked with one nonce', () => {
    const authorization = new Authorization(credentials);
    for (let request = 0; request < 3; request++) assert.ok(authorization.mayRepeat(wants(digest), undefined));
    const counts = [1, 2, 3].map(() => /nc=(\d+)/.exec(authorization.header('GET', '/') ?? '')?.[1]);
    assert.deepEqual(counts, ['00000001', '00000002', '00000003']);
  });

  it('takes the next nonce from an answer', () => {
    const authorization = new Authorization(credentials);
    authorization.mayRepeat(wants(digest), undefined);
    authorization.answered({ 'authentication-info': 'nextnonce="later", qop=auth' });
    assert.match(authorization.header('GET', '/') ?? '', /nonce="later"/);
  });

  it('says what to change', () => {
    assert.match(new Authorization(undefined).refusal(wants(digest)), /set user and password/);
    assert.match(new Authorization(credentials).refusal(wants(digest)), /user or password/);
    assert.match(new Authorization(credentials).refusal(wants('Negotiate, Bearer realm="r"')), /negotiate, bearer/);
    assert.equal(new Authorization(undefined).mayRepeat(wants(digest), undefined), false);
    assert.equal(
      new Authorization(credentials).mayRepeat(wants('Digest realm="r", qop="auth-int", nonce="n"'), undefined),
      false,
    );
  });
});

describe('parseChallenges', () => {
  it('reads several in one line, quoted commas, and opaque texts', () => {
    const header = 'Negotiate abc==, Digest realm="a, \\"b\\"", nonce=n , qop="auth,auth-int",Basic realm="x"';
    assert.deepEqual(parseChallenges(header), [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'digest', parameters: { realm: 'a, "b"', nonce: 'n', qop: 'auth,auth-int' } },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ]);
    assert.deepEqual(parseChallenges(''), []);
    assert.deepEqual(parseChallenges('"nonsense'), []);
  });
});
