/** Names that differ in case alone are one to Dropbox: what the write-back cache makes of that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText, writeBytes } from '../src/store/operations.ts';
import { CacheTrial, until } from './fakes/cache-trial.ts';
import { trialDropbox } from './fakes/dropbox/dropbox-trial.ts';

const limit = { timeout: 60_000 };

test('what another writer changed is seen, though Dropbox tells the folders above in lower case', limit, async (t) => {
  await using dropbox = await trialDropbox();
  await writeBytes(dropbox.store, '/Top/Sub/Name', 'old');
  const trial = new CacheTrial(t, { store: dropbox.store, metadataTime: 4_000 });
  assert.equal(await trial.text('/Top/Sub/Name'), 'old');
  await until(() => dropbox.asked('files/list_folder/continue') > 0);
  await writeBytes(dropbox.store, '/top/SUB/name', 'changed');
  const asked = dropbox.asked('files/list_folder/continue');
  await until(() => dropbox.asked('files/list_folder/continue') > asked + 1);
  assert.equal(await trial.text('/Top/Sub/Name'), 'changed');
  await trial.cache.close();
});

test(
  'what gets a name that differs in case from another one replaces nothing, and is kept beside it',
  limit,
  async (t) => {
    await using dropbox = await trialDropbox();
    await writeBytes(dropbox.store, '/d/name', 'theirs');
    await writeBytes(dropbox.store, '/d/moved', 'moved');
    const trial = new CacheTrial(t, { store: dropbox.store });
    await trial.save('/d/NAME', 'made here');
    await trial.rename('/d/moved', '/d/Name');
    await trial.cache.drain();
    assert.equal(await readText(dropbox.store, '/d/name'), 'theirs');
    const kept = await Array.fromAsync(dropbox.store.list('/d'), ({ path }) => readText(dropbox.store, path));
    assert.deepEqual(kept.sort(), ['made here', 'moved', 'theirs']);
    await trial.cache.close();
  },
);
