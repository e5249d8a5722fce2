/** A thousand small files on the way to a service that lets so many requests through in a second: little more than one for each file, and all arrive. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { OpenedStore } from '../src/config/open-store.ts';
import { anna, GoogleDriveFake } from './fakes/google-drive/google-drive-fake.ts';
import { withoutFuse } from './mount/mounted.ts';
import { contentOf, copyAll, files, openStack, scratchDirectory, writeAll } from './thousand-files.ts';

const limit = { timeout: 120_000 };
/** Twice what Drive allows a user (https://developers.google.com/workspace/drive/api/guides/limits: 12,000 a minute), so that the test is short. */
const perSecond = 400;
const requestTime = 50;
/** A name is looked up together with others, before its file is made. */
const mostRequests = files * 1.2;

async function openOnDrive(t: TestContext): Promise<{ fake: GoogleDriveFake; opened: OpenedStore; directory: string }> {
  const directory = scratchDirectory(t);
  const fake = await GoogleDriveFake.start();
  t.after(() => fake.close());
  Object.assign(fake, { requestTime, perSecond });
  const key = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
  writeFileSync(join(directory, 'key.json'), key, { mode: 0o600 });
  const login = `service_account_file = key.json\nendpoint = ${fake.origin}`;
  return { fake, opened: await openStack(t, directory, 'google drive', login), directory };
}

function assertArrived(t: TestContext, fake: GoogleDriveFake, { cache }: OpenedStore): void {
  const counts = Map.groupBy(fake.requests, ({ status }) => (status === 403 ? 'refused' : 'accepted'));
  const [accepted, refused] = [counts.get('accepted')?.length ?? 0, counts.get('refused')?.length ?? 0];
  t.diagnostic(`${accepted} requests, ${refused} more were refused because of the rate`);
  const contents = new Map([...fake.disk.files.values()].map(({ name, content }) => [name, content]));
  for (let index = 0; index < files; index++) assert.deepEqual(contents.get(`file-${index}`), contentOf(index));
  assert.ok(accepted <= mostRequests, `${accepted} requests`);
  assert.deepEqual([cache.pending(), cache.problems()], [[], []]);
}

test('a thousand new files take little more than a thousand requests', limit, async (t) => {
  const { fake, opened } = await openOnDrive(t);
  await writeAll(opened);
  assertArrived(t, fake, opened);
});

test('so do a thousand files that are copied into a mount', { ...limit, skip: withoutFuse }, async (t) => {
  const { fake, opened, directory } = await openOnDrive(t);
  await copyAll(opened, directory);
  assertArrived(t, fake, opened);
});
