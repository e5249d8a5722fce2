import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codeOfStatus, retryAfterOf, statusError } from './status-error.ts';

test('the table of docs/errors.md is what statuses mean', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ([\d, ]+) \| `(\w+)` \|$/gm)];
  const told = new Map(
    rows.flatMap(([, statuses = '', code]) => statuses.split(', ').map((one) => [Number(one), code])),
  );
  assert.ok(told.size > 10);
  for (let status = 300; status < 600; status++)
    assert.equal(
      codeOfStatus(status),
      told.get(status) ?? (status >= 400 && status < 500 ? 'Unsupported' : 'Unavailable'),
      `${status}`,
    );
});

test('Retry-After is seconds or a date, and nonsense is nothing', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  const told: readonly (readonly [string | undefined, number | undefined])[] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [value, expected] of told) assert.equal(retryAfterOf({ 'retry-after': value }, now), expected, value);
});

test('an error carries what the headers and the service say', () => {
  const error = statusError(429, { 'retry-after': '7' }, 'slower, please');
  assert.deepEqual([error.code, error.retryAfter, error.detail], ['RateLimited', 7000, 'slower, please']);
  assert.equal(statusError(418, {}).detail, 'the service answered 418');
});
