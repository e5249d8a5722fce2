import assert from 'node:assert/strict';
import { isStoreError, type StoreError, type StoreErrorCode } from '../store/errors.ts';

/** Passes when `call` rejects with a `StoreError` of one of these codes, and answers it. */
export async function expectStoreError(
  call: () => Promise<unknown>,
  ...codes: readonly StoreErrorCode[]
): Promise<StoreError> {
  const error = await expectFailure(call, codes.join(' or '));
  if (!isStoreError(error))
    throw new assert.AssertionError({ message: `expected ${codes.join(' or ')}, not ${String(error)}`, actual: error });
  assert.ok(codes.includes(error.code), `expected ${codes.join(' or ')}, not ${error.message}`);
  return error;
}

/** Passes when `call` rejects, and answers with what. */
export async function expectFailure(call: () => Promise<unknown>, expected: string): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({
    message: `expected ${expected}, but the call succeeded`,
    stackStartFn: expectFailure,
  });
}

/** Passes when both hold the same bytes; tells the first difference otherwise, and not all of a large file. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = expected.findIndex((byte, index) => actual[index] !== byte);
  assert.fail(
    `${what}: ${actual.length} bytes for ${expected.length}, different from ${at < 0 ? expected.length : at} on`,
  );
}
