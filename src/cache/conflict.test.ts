import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { bytesSource } from '../store/source.ts';
import { conflictName, hasSameBytes } from './conflict.ts';

const day = new Date('2026-01-31T12:00:00Z');
const nobody = (): boolean => false;
const never = new AbortController().signal;

function named(name: string, isTaken: (name: string) => boolean = nobody): string {
  return conflictName(name, 'HOST', day, isTaken);
}

test('a copy is named after the machine and the day, before the extension', () => {
  assert.equal(named('report.txt'), 'report (conflicted copy HOST 2026-01-31).txt');
  assert.equal(named('archive.tar.gz'), 'archive.tar (conflicted copy HOST 2026-01-31).gz');
  assert.equal(named('Makefile'), 'Makefile (conflicted copy HOST 2026-01-31)');
});

test('a name that begins with a dot has no extension', () => {
  assert.equal(named('.profile'), '.profile (conflicted copy HOST 2026-01-31)');
});

test('copies of one day are numbered', () => {
  const taken = new Set<string>();
  for (let i = 0; i < 3; i++) taken.add(named('a.txt', (name) => taken.has(name)));
  assert.deepEqual(
    [...taken],
    [
      'a (conflicted copy HOST 2026-01-31).txt',
      'a (conflicted copy HOST 2026-01-31 2).txt',
      'a (conflicted copy HOST 2026-01-31 3).txt',
    ],
  );
});

test('a long name is shortened in front, between characters', () => {
  const name = named(`${'ü😀'.repeat(42)}.txt`);
  assert.ok(Buffer.byteLength(name) <= 255 && Buffer.byteLength(name) > 250, `${Buffer.byteLength(name)} bytes`);
  assert.ok(name.isWellFormed());
  assert.match(name, /^(?:ü😀)+ü? \(conflicted copy HOST 2026-01-31\)\.txt$/u);
});

test('a name fits also when nearly all of it is extension', () => {
  const name = named(`a.${'x'.repeat(253)}`);
  assert.ok(Buffer.byteLength(name) <= 255, `${Buffer.byteLength(name)} bytes`);
  assert.match(name, /conflicted copy HOST 2026-01-31\)$/);
});

test('a name fits also when the machine has a long one', () => {
  const name = conflictName('report.txt', 'h'.repeat(250), day, nobody);
  assert.ok(Buffer.byteLength(name) <= 255, `${Buffer.byteLength(name)} bytes`);
  assert.match(name, /2026-01-31\)\.txt$/);
});

test('a host is no path', () => {
  assert.equal(conflictName('a', 'h/../o\0st', day, nobody).includes('/'), false);
  assert.equal(conflictName('a', 'h/../o\0st', day, nobody).includes('\0'), false);
});

test('same bytes are found by reading, and only files of the same size are read', async () => {
  const store = new MemoryStore();
  const entry = await store.write('/a', bytesSource('one'));
  assert.equal(await hasSameBytes(store, entry, bytesSource('one'), never), true);
  assert.equal(await hasSameBytes(store, entry, bytesSource('two'), never), false);
  await store.delete('/a');
  assert.equal(await hasSameBytes(store, entry, bytesSource('three'), never), false);
  await assert.rejects(hasSameBytes(store, entry, bytesSource('two'), never), { code: 'NotFound' });
});
