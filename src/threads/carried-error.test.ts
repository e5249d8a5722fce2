import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../store/errors.ts';
import { carryError, revivedError } from './carried-error.ts';

/** A service's refusal, whose name is a field. */
class Fault extends Error {
  override name = 'Fault';
  readonly status = 403;
}

test('an error whose name is a field is carried, also as a cause, with what else it tells', () => {
  const error = new StoreError('Unauthenticated', { store: 's', cause: new Fault('unknown key') });
  const revived = revivedError(structuredClone(carryError(error)), () => undefined) as StoreError;
  assert.equal(revived.code, 'Unauthenticated');
  assert.equal(revived.message, error.message);
  const cause = revived.cause as Fault;
  assert.deepEqual([cause.name, cause.message, cause.status], ['Fault', 'unknown key', 403]);
});
