import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { httpServer } from '../../../test/fakes/http/loopback-server.ts';
import { isStoreError } from '../../store/errors.ts';
import { HttpClient } from '../http-client.ts';
import { AccessTokens } from './access-tokens.ts';
import { beginAuthorization, finishAuthorization, refreshTokenGrant } from './authorization-code.ts';

const client = { id: 'the id', secret: 'the secret' };
const refusals = { invalid_grant: 'log in again' };

/** A token endpoint that answers `answers` in order, and what it was asked. */
async function endpointWith(answers: readonly { readonly status: number; readonly fields: unknown }[]) {
  const asked: Record<string, string>[] = [];
  const server = await httpServer((request, response) => {
    request.setEncoding('utf8');
    let text = '';
    request.on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      asked.push(Object.fromEntries(new URLSearchParams(text)));
      const { status, fields } = answers[asked.length - 1] ?? { status: 500, fields: {} };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(fields));
    });
  });
  const http = new HttpClient();
  const endpoint = { http, url: `${server.origin}/token`, service: 'Trial', refusals };
  return {
    endpoint,
    asked,
    async [Symbol.asyncDispose]() {
      await http.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('the authorization code flow', () => {
  it('sends the person to the page with a challenge, and exchanges the code with the verifier', async () => {
    await using trial = await endpointWith([
      { status: 200, fields: { access_token: 'a', expires_in: 60, refresh_token: 'r', account_id: 'dbid:1' } },
    ]);
    const redirect = 'http://127.0.0.1:4000/';
    const begun = beginAuthorization({
      url: 'https://trial.example/authorize?keep=1',
      client,
      redirect,
      parameters: { access_type: 'offline' },
    });
    const page = new URL(begun.url);
    const query = Object.fromEntries(page.searchParams);
    assert.equal(`${page.origin}${page.pathname}`, 'https://trial.example/authorize');
    assert.deepEqual(query, {
      keep: '1',
      client_id: 'the id',
      response_type: 'code',
      code_challenge: createHash('sha256').update(begun.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      redirect_uri: redirect,
      state: begun.state,
      access_type: 'offline',
    });
    assert.ok(!begun.url.includes(begun.verifier), 'the verifier is a secret');
    const before = Date.now();
    const { token, refreshToken, fields, expires } = await finishAuthorization(trial.endpoint, client, begun, 'code');
    assert.deepEqual([token, refreshToken, fields['account_id']], ['a', 'r', 'dbid:1']);
    assert.ok(expires >= before + 60_000 && expires <= Date.now() + 60_000);
    const form = { grant_type: 'authorization_code', code: 'code', redirect_uri: redirect };
    const secrets = { code_verifier: begun.verifier, client_id: 'the id', client_secret: 'the secret' };
    assert.deepEqual(trial.asked, [{ ...form, ...secrets }]);
  });

  it('needs neither a redirect nor a secret, and no two attempts are alike', async () => {
    await using trial = await endpointWith([{ status: 200, fields: { access_token: 'a', expires_in: 60 } }]);
    const options = { url: 'https://trial.example/authorize', client: { id: 'the id' }, parameters: {} };
    const [one, other] = [beginAuthorization(options), beginAuthorization(options)];
    assert.notEqual(one.verifier, other.verifier);
    assert.notEqual(one.state, other.state);
    assert.equal(new URL(one.url).searchParams.has('redirect_uri'), false);
    await finishAuthorization(trial.endpoint, { id: 'the id' }, one, 'code');
    const form = { grant_type: 'authorization_code', code: 'code', code_verifier: one.verifier, client_id: 'the id' };
    assert.deepEqual(trial.asked, [form]);
  });
});

describe('a refresh token', () => {
  it('brings access tokens, asked for again when one is refused', async () => {
    await using trial = await endpointWith(
      ['a', 'b'].map((token) => ({ status: 200, fields: { access_token: token, expires_in: 3600 } })),
    );
    const tokens = new AccessTokens(refreshTokenGrant(trial.endpoint, client, 'r'));
    assert.deepEqual(await Promise.all([tokens.token(), tokens.token()]), ['a', 'a']);
    tokens.refused('a');
    assert.equal(await tokens.token(), 'b');
    const form = { grant_type: 'refresh_token', refresh_token: 'r', client_id: 'the id', client_secret: 'the secret' };
    assert.deepEqual(trial.asked, [form, form]);
  });

  it('that was revoked is Unauthenticated, and the error says what to do and tells no secret', async () => {
    const fields = { error: 'invalid_grant', error_description: 'revoked' };
    await using trial = await endpointWith([{ status: 400, fields }]);
    await assert.rejects(refreshTokenGrant(trial.endpoint, client, 'r-secret')({}), (error) => {
      assert.ok(isStoreError(error, 'Unauthenticated'));
      assert.match(error.message, /log in again \(Trial answered invalid_grant: revoked\)/);
      return !/the secret|r-secret/.test(error.message);
    });
  });

  it('takes nothing for a token that no header can hold', async () => {
    for (const token of ['', 'a b', 'a\nb', 'ä', 7, null, undefined]) {
      await using trial = await endpointWith([{ status: 200, fields: { access_token: token } }]);
      const once = { ...trial.endpoint, retry: { attempts: 1 } };
      const grant = refreshTokenGrant(once, client, 'refresh');
      await assert.rejects(
        grant({}),
        (error) => isStoreError(error, 'Unavailable') && /no access token/.test(error.message),
      );
    }
  });
});
