/** Digest against the examples of RFC 7616 (section 3.9), and what its other parts say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuthChallenge, parseChallenges } from './auth-challenge.ts';
import { DigestSession } from './digest-session.ts';

const example = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
const mufasa = { user: 'Mufasa', password: 'Circle of Life' };
const clientNonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

function challenge(header: string): AuthChallenge {
  const [first] = parseChallenges(header);
  assert.ok(first !== undefined);
  return first;
}

function parametersOf(header: string): AuthChallenge['parameters'] {
  return challenge(header).parameters;
}

describe('DigestSession', () => {
  for (const [algorithm, response] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)
    it(`answers the example of RFC 7616 with ${algorithm}`, () => {
      const session = new DigestSession(challenge(`Digest ${example}, algorithm=${algorithm}`), mufasa, clientNonce);
      const told = parametersOf(session.header('GET', '/dir/index.html'));
      assert.equal(told['response'], response);
      const { username, uri, nc, qop, cnonce, opaque } = told;
      assert.deepEqual(
        [username, uri, nc, qop, cnonce],
        ['Mufasa', '/dir/index.html', '00000001', 'auth', clientNonce],
      );
      assert.equal(opaque, 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS');
    });

  it('answers its example with SHA-512-256, a hashed name and letters that are not ASCII', () => {
    const header =
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true';
    const jason = { user: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?' };
    const session = new DigestSession(challenge(header), jason, 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v');
    const told = parametersOf(session.header('GET', '/doe.json'));
    // The values of erratum 4897: the RFC cut SHA-512 short instead of taking SHA-512/256.
    assert.equal(told['username'], '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b');
    assert.equal(told['response'], '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5');
    assert.equal(told['userhash'], 'true');
  });

  it('counts, and begins anew with another nonce', () => {
    const session = new DigestSession(challenge(`Digest ${example}, algorithm=MD5`), mufasa);
    const counts = (): (string | undefined)[] => {
      const { nonce, nc } = parametersOf(session.header('GET', '/'));
      return [nonce?.slice(0, 4), nc];
    };
    assert.deepEqual(
      [counts(), counts()],
      [
        ['7ypf', '00000001'],
        ['7ypf', '00000002'],
      ],
    );
    session.goOnWith('next');
    session.goOnWith('next');
    assert.deepEqual(
      [counts(), counts()],
      [
        ['next', '00000001'],
        ['next', '00000002'],
      ],
    );
  });

  it('gives a name that is not ASCII as the server understands it', () => {
    const user = { user: 'Jäsøn "x"', password: 'p' };
    const extended = new DigestSession(challenge('Digest realm="r", nonce="n", charset=UTF-8'), user);
    assert.match(extended.header('GET', '/'), /username\*=UTF-8''J%C3%A4s%C3%B8n%20%22x%22,/);
    const plain = new DigestSession(challenge('Digest realm="r", nonce="n"'), user).header('GET', '/');
    assert.ok(Buffer.from(plain, 'latin1').toString().includes('username="Jäsøn \\"x\\""'));
    assert.ok(!plain.includes('qop'), 'a server without qop gets none (RFC 2069)');
  });

  it('keeps the first nonce in the secret of a session', () => {
    const make = (algorithm: string): string | undefined =>
      parametersOf(
        new DigestSession(challenge(`Digest ${example}, algorithm=${algorithm}`), mufasa, clientNonce).header(
          'GET',
          '/',
        ),
      )['response'];
    assert.notEqual(make('MD5-sess'), make('MD5'));
    assert.equal(make('MD5-sess')?.length, 32);
  });
});
