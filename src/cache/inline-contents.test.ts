import assert from 'node:assert/strict';
import { readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };
const small = 'a'.repeat(100);
const large = 'b'.repeat(101);

/** The data files of a cache, by number. */
function dataFiles({ directory }: CacheTrial): string[] {
  const data = join(directory, 'data');
  return readdirSync(data).flatMap((folder) => readdirSync(join(data, folder)));
}

describe('a small content', () => {
  it('has no data file, whether it came from the store, by a program, or by the library', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    await writeBytes(trial.store, '/theirs', small);
    await trial.text('/theirs');
    await trial.save('/saved', small);
    await writeBytes(trial.cache, '/written', small);
    assert.deepEqual(dataFiles(trial), []);
    await trial.reopen();
    trial.faults.offline = true;
    for (const path of ['/theirs', '/saved', '/written']) assert.equal(await trial.text(path), small);
    trial.faults.heal();
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/theirs': small, '/saved': small, '/written': small });
  });

  it('moves into a data file when it grows, under those who have it open', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    await trial.save('/f', small);
    const reader = await trial.open('/f', false);
    const writer = await trial.open('/f', true);
    await writer.write(100, Buffer.from('b'));
    assert.equal(dataFiles(trial).length, 1);
    const bytes = new Uint8Array(101);
    assert.equal(await reader.read(0, bytes), 101);
    assert.equal(Buffer.from(bytes).toString(), `${small}b`);
    writer.release();
    reader.release();
    await trial.reopen();
    assert.equal(await trial.text('/f'), `${small}b`);
  });

  it('moves as well when it is lengthened without a write', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    await trial.save('/f', 'a');
    const node = await trial.find('/f');
    assert.ok(node);
    await trial.tree.truncate(node.id, 5000);
    assert.equal(dataFiles(trial).length, 1);
    assert.equal(await trial.text('/f'), `a${'\0'.repeat(4999)}`);
  });

  it('is readable and writable after it was removed, for who has it open', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    await trial.save('/f', small);
    const file = await trial.open('/f', true);
    await trial.tree.remove(trial.tree.root, 'f', 'file');
    await file.write(0, Buffer.from(large));
    const bytes = new Uint8Array(101);
    assert.equal(await file.read(0, bytes), 101);
    assert.equal(Buffer.from(bytes).toString(), large);
    file.release();
    await trial.reopen();
    assert.equal(await trial.find('/f'), undefined);
    assert.deepEqual(dataFiles(trial), []);
  });

  it('survives the death of the process as soon as it is written', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100 });
    await trial.save('/f', 'old');
    const file = await trial.open('/f', true);
    await file.write(0, Buffer.from('new, longer'));
    const killed = new CacheTrial(t, { store: trial.store, directory: trial.copyOfDirectory() });
    assert.equal(await killed.text('/f'), 'new, longer');
    file.release();
  });

  it(
    'that was on its way into a data file when the process died is whole, however much had arrived',
    limit,
    async (t) => {
      for (const arrived of ['', small.slice(50), small]) {
        const trial = new CacheTrial(t, { inlineBytes: 100 });
        await trial.save('/f', small);
        await trial.cache.close();
        mkdirSync(join(trial.directory, 'data', '01'), { recursive: true });
        writeFileSync(join(trial.directory, 'data', '01', '1'), arrived);
        await trial.reopen();
        assert.equal(await trial.text('/f'), small);
        const file = await trial.open('/f', true);
        await file.write(0, Buffer.from('new'));
        await file.write(100, Buffer.from('more'));
        file.release();
        await trial.reopen();
        assert.equal(await trial.text('/f'), `new${small.slice(3)}more`);
      }
    },
  );

  it('counts for the limits of the cache, and goes when room is needed', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 100, maxBytes: 250 });
    for (const name of ['a', 'b', 'c']) await writeBytes(trial.store, `/${name}`, small);
    for (const name of ['a', 'b', 'c']) await trial.text(`/${name}`);
    assert.equal(trial.cache.statistics().cachedBytes, 200);
  });
});
