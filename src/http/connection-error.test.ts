import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStoreError, StoreError } from '../store/errors.ts';
import { connectionError } from './connection-error.ts';
import { SourceFailure } from './source-failure.ts';

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });

test('the innermost code says what is wrong', () => {
  for (const [error, sentence] of [
    [coded('ECONNREFUSED'), /refuses connections/],
    [new Error('fetch failed', { cause: coded('ENOTFOUND') }), /unknown host name/],
    [new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]), /refuses connections/],
    [coded('UND_ERR_BODY_TIMEOUT'), /stopped halfway/],
    [coded('ENEW'), /cannot be reached \(ENEW\)/],
    [new Error('something'), /cannot be reached \(something\)/],
    ['text', /cannot be reached \(text\)/],
  ] as const) {
    const result = connectionError(error, 'https://storage.example');
    assert.ok(isStoreError(result, 'Unavailable') && result.cause === error);
    assert.match(result.message, sentence);
    assert.match(result.message, /https:\/\/storage\.example/);
  }
});

test('a certificate that is not trusted and a proxy that wants a password do not go away by waiting', () => {
  for (const error of [
    coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
    coded('CERT_REVOKED'),
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    coded('UND_ERR_ABORTED', 'Proxy response (407) !== 200 when HTTP Tunneling'),
    coded('UND_ERR_INVALID_ARG', 'Proxy Authentication Required (407)'),
  ]) {
    const result = connectionError(error);
    assert.ok(isStoreError(result, 'Unauthenticated') && !result.retryable, error.message);
  }
  const refused = connectionError(coded('UND_ERR_ABORTED', 'Proxy response (502) !== 200 when HTTP Tunneling'));
  assert.ok(isStoreError(refused, 'Unavailable') && /502/.test(refused.message));
});

test('a certificate of another time may be one of a wrong clock', () => {
  for (const code of ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']) {
    const result = connectionError(coded(code));
    assert.ok(isStoreError(result, 'Unauthenticated') && /check the clock of this computer/.test(result.message));
  }
});

test('what has its meaning already keeps it', () => {
  for (const error of [new StoreError('NotFound'), new SourceFailure(new Error('a')), new TypeError('b')])
    assert.equal(connectionError(error), error);
  assert.ok(connectionError(coded('UND_ERR_INVALID_ARG', 'invalid request path')) instanceof TypeError);
});
