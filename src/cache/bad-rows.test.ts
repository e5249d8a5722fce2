import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };

/** Values that a row can have and none should. */
const badValues: readonly string[] = [
  "name = ''",
  "name = 'a/b'",
  "name = '..'",
  'parent = id',
  'size = -1',
  'synced_size = -1',
  "present = '[0, 5, 3]'",
  "present = '{'",
  "sent = '7'",
  `edits = '["revision", 3]'`,
  "attributes = '{'",
  "attributes = 'null'",
  "metadata_changes = '['",
  "synced_metadata = 'x'",
];

function change(trial: CacheTrial, sql: string): void {
  const database = new DatabaseSync(join(trial.directory, 'index.db'));
  database.exec(sql);
  database.close();
}

function kept(trial: CacheTrial): string[] {
  const directory = join(trial.directory, 'lost+found');
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
}

describe('a row whose values make no sense', () => {
  for (const bad of badValues) {
    it(`${bad}: it and its content are put aside, and the rest works`, limit, async (t) => {
      const trial = new CacheTrial(t);
      await writeBytes(trial.store, '/edited', 'old');
      await writeBytes(trial.store, '/clean', 'clean');
      await writeBytes(trial.store, '/d/below', 'below');
      await trial.tree.list(await trial.id('/d'));
      for (const path of ['/edited', '/clean']) await trial.text(path);
      await trial.save('/edited', 'edited');
      await trial.save('/unsent', 'unsent');
      await trial.save('/good', 'good');
      await trial.cache.close();
      change(trial, `UPDATE node SET ${bad} WHERE name IN ('edited', 'clean', 'unsent', 'd')`);
      for (let i = 0; i < 2; i++) {
        await trial.reopen({ metadataTime: 0, fileMode: 0o600 + i });
        const shown = await contentsOf(trial.cache);
        assert.equal(shown['/clean'], 'clean');
        assert.equal(shown['/good'], 'good');
        assert.equal(shown['/d/below'], 'below');
        assert.ok(shown['/edited'] === 'edited' || kept(trial).includes('edited'));
        assert.ok(shown['/unsent'] === 'unsent' || kept(trial).includes('unsent'));
        const rows = trial.cache.problems().filter(({ message }) => message.includes('makes no sense'));
        assert.ok(rows.length >= 3, 'told, also after a restart');
      }
      await trial.cache.drain();
      assert.deepEqual(trial.cache.pending(), []);
      assert.equal((await contentsOf(trial.store))['/good'], 'good');
    });
  }

  it('in a large directory hides none of those behind it', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.makeDirectory('/d');
    for (let i = 0; i < 1100; i++) await trial.save(`/d/${i}`, '');
    await trial.cache.drain();
    await trial.cache.close();
    change(trial, "UPDATE node SET attributes = '{', synced_parent = NULL WHERE name = '500'");
    await trial.reopen({ metadataTime: 0 });
    assert.equal((await trial.tree.list(await trial.id('/d'))).length, 1100);
  });
});
