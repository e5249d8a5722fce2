import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DriveFile } from './drive-file.ts';
import { NameLookups } from './name-lookups.ts';

interface Asked {
  readonly folder: string;
  readonly names: readonly string[];
  readonly answer: (names: readonly string[]) => void;
  readonly fail: (error: Error) => void;
}

/** Lookups whose requests wait for the test. */
function heldLookups(): { lookups: NameLookups; asked: Asked[] } {
  const asked: Asked[] = [];
  const lookups = new NameLookups((folder, names) => {
    const { promise, resolve, reject } = Promise.withResolvers<DriveFile[]>();
    asked.push({ folder, names, answer: (found) => resolve(found.map(fileCalled)), fail: reject });
    return promise;
  });
  return { lookups, asked };
}

function fileCalled(name: string): DriveFile {
  return { id: name, name } as DriveFile;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('names that are looked up', () => {
  it('go together while another question of their folder is under way, and each has its own answer', async () => {
    const { lookups, asked } = heldLookups();
    const first = lookups.find('d', 'a', {});
    await turn();
    const later = ['b', 'c', 'C'].map((name) => lookups.find('d', name, {}));
    const elsewhere = lookups.find('e', 'a', {});
    await turn();
    assert.deepEqual(
      asked.map(({ folder, names }) => [folder, ...names]),
      [
        ['d', 'a'],
        ['e', 'a'],
      ],
    );
    for (const { answer } of asked) answer(['a']);
    await turn();
    assert.deepEqual(asked[2]?.names, ['b', 'c', 'C']);
    asked[2]?.answer(['b', 'C']);
    const found = await Promise.all([first, ...later, elsewhere]);
    assert.deepEqual(
      found.map((files) => files.map(({ name }) => name)),
      [['a'], ['b'], [], ['C'], ['a']],
    );
  });

  it('fail together, and the next ones are asked all the same', async () => {
    const { lookups, asked } = heldLookups();
    const both = [lookups.find('d', 'a', {}), lookups.find('d', 'b', {})];
    await turn();
    const next = lookups.find('d', 'c', {});
    asked[0]?.fail(new Error('gone'));
    for (const one of both) await assert.rejects(one, /gone/);
    await turn();
    asked[1]?.answer(['c']);
    assert.equal((await next).length, 1);
  });

  it('are let go of by who leaves, and by nobody else', async () => {
    const { lookups, asked } = heldLookups();
    const controller = new AbortController();
    const leaving = lookups.find('d', 'a', { signal: controller.signal });
    const staying = lookups.find('d', 'b', {});
    await turn();
    controller.abort(new Error('left'));
    await assert.rejects(leaving, /left/);
    asked[0]?.answer(['b']);
    assert.equal((await staying).length, 1);
  });

  it('are no more in one question than an address takes', async () => {
    const { lookups, asked } = heldLookups();
    const names = [...Array(50).keys()].map((index) => `file ${index}`);
    const long = ['ü'.repeat(255), 'ö'.repeat(255), 'ä'.repeat(255)];
    const all = Promise.all([...names, ...long].map((name) => lookups.find('d', name, {})));
    for (let at = 0; at < 3; at++) {
      await turn();
      asked[at]?.answer(asked[at]?.names ?? []);
    }
    assert.ok((await all).every(({ length }) => length === 1));
    assert.deepEqual(
      asked.map((question) => question.names.length),
      [40, 12, 1],
    );
  });
});
