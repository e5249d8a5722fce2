import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { openDirectly } from '../../test/fakes/direct-writer.ts';
import { DataFiles } from './data-files.ts';

const limit = { timeout: 60_000 };
/** As many as are given back together, three times. */
const many = 192;

/** Makes a file as the kernel does in passthrough mode; what `write` does not write stays empty. */
async function make(trial: CacheTrial, name: string, text = ''): Promise<void> {
  await trial.tree.createFile(trial.tree.root, name, { mode: 0o644, uid: 1000, gid: 1000, direct: true });
  const [file, descriptor] = await openDirectly(trial, `/${name}`, true);
  if (text !== '') writeSync(descriptor, text, 0);
  file.release();
}

function dataFiles(trial: CacheTrial): number[] {
  return [...DataFiles.stored(join(trial.directory, 'data'))];
}

describe('the data files of files that were not written', () => {
  it('go to the next new files, and nobody sees bytes of others', limit, async (t) => {
    const trial = new CacheTrial(t);
    const expected: Record<string, string> = {};
    for (let i = 0; i < many; i++) {
      const text = i % 8 === 0 ? `text ${i}` : '';
      await make(trial, String(i), text);
      expected[`/${i}`] = text;
      await setImmediate();
    }
    assert.ok(dataFiles(trial).length < many / 2, `${dataFiles(trial).length} data files`);
    for (const [path, text] of Object.entries(expected)) assert.equal(await trial.text(path), text, path);
    const crashed = new CacheTrial(t, { directory: trial.copyOfDirectory() });
    await crashed.cache.drain();
    assert.deepEqual(crashed.cache.problems(), []);
    assert.deepEqual(await contentsOf(crashed.store), expected);
  });

  it('are given back a moment later where there are few, and taken again by who writes', limit, async (t) => {
    const trial = new CacheTrial(t);
    await make(trial, 'a');
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    await setTimeout(100);
    writeSync(descriptor, 'open all the time', 0);
    file.release();
    await make(trial, 'b');
    await setTimeout(100);
    const [again, other] = await openDirectly(trial, '/b', true);
    writeSync(other, 'later', 0);
    again.release();
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'open all the time', '/b': 'later' });
  });

  it('are no lost contents when the database is gone', limit, async (t) => {
    const trial = new CacheTrial(t);
    await make(trial, 'a', 'text');
    await trial.remove('/a');
    await setTimeout(200);
    assert.equal(dataFiles(trial).length, 1);
    const crashed = new CacheTrial(t, { directory: trial.copyOfDirectory() });
    assert.deepEqual([crashed.cache.problems(), dataFiles(crashed)], [[], []]);
  });
});

describe('the data file of a removed file', () => {
  it('goes to the next new file, emptied', limit, async (t) => {
    const trial = new CacheTrial(t);
    await make(trial, 'a', 'nobody else may read this');
    const [before] = dataFiles(trial);
    await trial.remove('/a');
    // Until the removal is durable.
    while (dataFiles(trial).includes(before as number)) await setTimeout(10);
    await make(trial, 'b');
    const [file, descriptor] = await openDirectly(trial, '/b', true);
    assert.equal(readSync(descriptor, Buffer.alloc(100)), 0);
    file.release();
    assert.equal(dataFiles(trial).length, 1);
    assert.notDeepEqual(dataFiles(trial), [before]);
  });

  it('keeps its bytes for who reads it since an earlier run', limit, async (t) => {
    const trial = new CacheTrial(t);
    await make(trial, 'a', 'still here');
    const [file, descriptor] = await openDirectly(trial, '/a', false);
    const held = openSync(`/proc/self/fd/${descriptor}`, 'r');
    t.after(() => closeSync(held));
    file.release();
    await trial.reopen();
    await trial.remove('/a');
    for (let i = 0; i < 3; i++) await make(trial, String(i), 'other');
    const into = Buffer.alloc(100);
    assert.equal(into.toString('utf8', 0, readSync(held, into)), 'still here');
  });

  it('stays on the disk where it is still open', limit, async (t) => {
    const trial = new CacheTrial(t);
    await make(trial, 'a', 'still here');
    const file = await trial.open('/a');
    await trial.remove('/a');
    for (let i = 0; i < 3; i++) await make(trial, String(i), 'other');
    const into = new Uint8Array(10);
    assert.equal(await file.read(0, into), 10);
    assert.equal(Buffer.from(into).toString(), 'still here');
    file.release();
  });
});
