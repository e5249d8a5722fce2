/** The cache over Google Drive follows its feed: what is done here costs no listing, and what others do is seen without one becoming old. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CacheTrial, until } from './fakes/cache-trial.ts';
import { trialDrive } from './fakes/google-drive/trial-drive.ts';

const limit = { timeout: 60_000 };
/** Milliseconds. The feed is asked twice a second then. */
const metadataTime = 2_000;

it('a cache over Google Drive follows its feed', limit, async (t) => {
  await using trial = await trialDrive();
  const directory = trial.make('d');
  const theirs = trial.make('theirs', 'content', directory.id);
  const cached = new CacheTrial(t, { store: trial.open(), metadataTime, uploadDelay: 0 });
  const { requests, disk } = trial.fake;
  const asked = (): number => requests.filter(({ path }) => path === '/drive/v3/changes').length;
  const askedAgain = async (): Promise<void> => {
    const before = asked();
    await until(() => asked() > before + 1);
  };
  assert.equal(await cached.text('/d/theirs'), 'content');
  await until(() => asked() > 0);

  await cached.save('/d/ours', 'content');
  await cached.makeDirectory('/d/made');
  await cached.cache.drain();
  await cached.save('/d/ours', 'other content');
  await cached.rename('/d/ours', '/d/made/ours');
  await cached.cache.drain();
  await cached.remove('/d/made/ours');
  await cached.cache.drain();
  cached.seen.length = 0;
  await askedAgain();
  assert.deepEqual(cached.calls('list'), [], 'what was done here is no news');

  disk.update(theirs, { name: 'renamed' }, Buffer.from('changed'));
  await until(async () => (await cached.find('/d/renamed')) !== undefined);
  assert.equal(await cached.text('/d/renamed'), 'changed');
  assert.equal(await cached.find('/d/theirs'), undefined);
  const listings = cached.calls('list').length;
  await new Promise((resolve) => setTimeout(resolve, metadataTime * 1.5));
  assert.notEqual(await cached.find('/d/renamed'), undefined);
  assert.equal(cached.calls('list').length, listings, 'nothing became old');
});
