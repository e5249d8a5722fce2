import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Dispatcher } from 'undici';
import { isStoreError } from '../store/errors.ts';
import { HttpExchange } from './http-exchange.ts';
import { RateGovernor } from './rate-governor.ts';
import { RequestAccount } from './request-account.ts';
import { Traffic } from './traffic.ts';

const request = { operation: 'GetObject', method: 'GET', origin: 'http://127.0.0.1:1', path: '/' } as const;
const timeouts = { answerTimeout: 50, headersTimeout: 10_000, bodyTimeout: 10_000, unreadTimeout: 10_000 };

it('ends, and gives its place back, even when the library never says anything of it', { timeout: 10_000 }, async () => {
  const governor = new RateGovernor({ first: 1, most: 1 });
  const account = new RequestAccount(request, new Traffic(), governor, await governor.enter());
  const exchange = new HttpExchange({ request, body: undefined, account, ...timeouts });
  const forgetful = { dispatch: () => true } as unknown as Dispatcher;
  await assert.rejects(exchange.run(forgetful), (error) => isStoreError(error, 'Unavailable') && error.retryable);
  assert.equal(governor.inFlight, 0);
});
