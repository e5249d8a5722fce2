import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine } from './one-line.ts';
import { errorsText } from './report-texts.ts';

test('what could command a terminal or end a line is spelled out, and nothing else', () => {
  assert.equal(oneLine('a\nb\u001b[2Jc\u009bd\u202ee\u2028f'), 'a\\nb\\u{1b}[2Jc\\u{9b}d\\u{202e}e\\u{2028}f');
  assert.equal(oneLine('Überblick 😀 "x" \\ %0a'), 'Überblick 😀 "x" \\ %0a');
});

test('a name from a service adds no line to the report of errors', () => {
  const problems = [{ at: 0, kind: 'conflict', path: '/a\n1970 forged', message: 'kept as /a\nb' }] as const;
  assert.equal(errorsText({ problems }, 0), '1970-01-01T00:00:00.000Z conflict /a\\n1970 forged: kept as /a\\nb\n');
  const last = { at: 0, message: 'gone', path: '/a\nb' };
  assert.match(errorsText({ failures: { NotFound: { count: 1, last } } }, 0), /gone \(\/a\\nb\)/);
});
