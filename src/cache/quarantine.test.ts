import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { readText, writeBytes } from '../store/operations.ts';
import type { TreeChange } from './node-tree.ts';

const limit = { timeout: 20_000 };

/** What `read` of it answers is EIO of the kernel itself: nothing is mapped at its beginning. */
const unreadable = '/proc/self/mem';
const skip = !existsSync(unreadable) && 'there is no file here that the kernel refuses to read';

function dataFiles({ directory }: CacheTrial): string[] {
  const entries = readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

/** Makes every data file one that cannot be read. */
function damage(trial: CacheTrial): void {
  const files = dataFiles(trial);
  assert.ok(files.length > 0);
  for (const file of files) {
    rmSync(file);
    symlinkSync(unreadable, file);
  }
}

function lostAndFound({ directory }: CacheTrial): string[] {
  const lost = join(directory, 'lost+found');
  return existsSync(lost) ? readdirSync(lost).filter((name) => !name.endsWith('.json')) : [];
}

function told({ cache }: CacheTrial): string[] {
  return cache.problems().map(({ kind, path, message }) => `${kind} ${path} ${message}`);
}

describe('a data file that the disk does not give back', { skip }, () => {
  it('of a file that the store has: is put aside and fetched again', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await writeBytes(trial.store, '/f', 'content');
    assert.equal(await trial.text('/f'), 'content');
    damage(trial);
    assert.equal(await trial.text('/f'), 'content');
    assert.equal(lostAndFound(trial).length, 1);
    const [line, ...others] = told(trial);
    assert.match(line ?? '', /^quarantined \/f .*EIO.*lost\+found; the store has it$/);
    assert.deepEqual(others, []);
    assert.equal(trial.cache.statistics().cachedBytes, 7);
  });

  it('the same for who reads through the Store, the next time', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await writeBytes(trial.store, '/f', 'content');
    assert.equal(await readText(trial.cache, '/f'), 'content');
    damage(trial);
    await assert.rejects(readText(trial.cache, '/f'), { code: 'Unavailable' });
    assert.equal(await readText(trial.cache, '/f'), 'content');
    for (const file of dataFiles(trial)) rmSync(file);
    await assert.rejects(trial.cache.copy('/f', '/g'), { code: 'Unavailable' });
    await trial.cache.copy('/f', '/g');
    assert.equal(await readText(trial.cache, '/g'), 'content');
  });

  it('a program that has it open reads on', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await writeBytes(trial.store, '/f', 'content');
    await trial.text('/f');
    damage(trial);
    const file = await trial.open('/f');
    const bytes = await file.read(3, new Uint8Array(4));
    assert.ok(bytes instanceof Uint8Array);
    assert.equal(Buffer.from(bytes).toString(), 'tent');
    file.release();
  });

  for (const size of [10, 2 << 20]) {
    it(
      `of ${size} bytes that were not sent: the version of the store shows again, and all else is sent`,
      limit,
      async (t) => {
        const trial = new CacheTrial(t, { inlineBytes: 0 });
        const changes: TreeChange[] = [];
        trial.tree.onChange((change) => changes.push(change));
        await writeBytes(trial.store, '/edited', 'old');
        await trial.text('/edited');
        await trial.save('/edited', 'e'.repeat(size));
        await trial.save('/new', 'n'.repeat(size));
        const node = await trial.id('/new');
        damage(trial);
        await trial.save('/good', 'good');
        await assert.rejects(trial.text('/new'), { code: 'Corrupt' });
        assert.deepEqual(told(trial), [], 'who has it open may still save it');
        await trial.cache.drain();
        assert.equal(await trial.text('/edited'), 'old');
        assert.equal(await trial.find('/new'), undefined);
        assert.ok(changes.some((change) => change.kind === 'removed' && change.node === node && change.name === 'new'));
        assert.deepEqual(await contentsOf(trial.store), { '/edited': 'old', '/good': 'good' });
        assert.equal(lostAndFound(trial).length, 2);
        assert.deepEqual(
          trial.cache
            .problems()
            .map(({ kind, path }) => `${kind} ${path}`)
            .toSorted(),
          ['quarantined /edited', 'quarantined /new'],
        );
        assert.match(told(trial)[0] ?? '', /in that file alone/);
      },
    );
  }

  it('is left in its place while somebody has it open, and shows as an error', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    const node = await trial.save('/f', 'content');
    damage(trial);
    const file = await trial.open('/f', true);
    await assert.rejects(trial.cache.drain(), /\/f/);
    assert.equal(trial.tree.stateOf(node), 'error');
    assert.deepEqual(lostAndFound(trial), []);
    file.release();
    await trial.cache.drain();
    assert.equal(lostAndFound(trial).length, 1);
    assert.equal(await trial.find('/f'), undefined);
  });
});

it('a small new file whose data file is gone does not end the process', limit, async (t) => {
  const trial = new CacheTrial(t);
  const owner = { mode: 0o644, uid: 0, gid: 0, direct: true };
  const node = await trial.tree.createFile(trial.tree.root, 'small', owner);
  const file = await trial.tree.open(node.id, { write: true });
  await file.write(0, Buffer.from('small'));
  await file.flush();
  file.release();
  for (const path of dataFiles(trial)) rmSync(path);
  await trial.save('/other', 'other');
  await trial.cache.drain();
  assert.deepEqual(await contentsOf(trial.store), { '/other': 'other' });
  assert.match(told(trial).join(), /^quarantined \/small the data file is missing/);
});

describe('what was put aside', () => {
  it('is told after every restart until somebody takes it away', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'content');
    damage(trial);
    await trial.cache.drain();
    const [before] = trial.cache.problems();
    for (let i = 0; i < 2; i++) {
      await trial.reopen();
      assert.deepEqual(trial.cache.problems(), [before]);
    }
    for (const name of lostAndFound(trial)) rmSync(join(trial.directory, 'lost+found', name));
    await trial.reopen();
    assert.deepEqual(trial.cache.problems(), []);
    assert.deepEqual(readdirSync(join(trial.directory, 'lost+found')), []);
  });

  it('of which nothing is left too', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'content');
    await trial.cache.close();
    for (const file of dataFiles(trial)) rmSync(file);
    for (let i = 0; i < 2; i++) {
      await trial.reopen();
      assert.match(
        told(trial).join(),
        /^quarantined \/f the data file is missing in the cache; unsent changes of it are lost$/,
      );
    }
    const [note] = readdirSync(join(trial.directory, 'lost+found'));
    assert.equal(JSON.parse(readFileSync(join(trial.directory, 'lost+found', note ?? ''), 'utf8')).path, '/f');
  });

  it('by other hands, without a note, or with half of one', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.cache.close();
    const lost = join(trial.directory, 'lost+found');
    for (const [name, text] of [
      ['content-7', 'bytes'],
      ['content-8-9-1.json', '{"at": 1, "pa'],
      ['null.json', 'null'],
      ['away.json', '{"at": 1, "path": "/x", "message": "m", "kept": "../index.db"}'],
    ] as const) {
      mkdirSync(lost, { recursive: true });
      writeFileSync(join(lost, name), text);
    }
    await trial.reopen();
    assert.equal(trial.cache.problems().length, 4);
    assert.equal(readdirSync(lost).length, 4);
  });
});
