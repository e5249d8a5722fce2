/** A thousand small files on the way to a service that takes one change at a time: as few requests as it allows, none of them in vain. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { OpenedStore } from '../src/config/open-store.ts';
import { DropboxFake } from './fakes/dropbox/dropbox-fake.ts';
import { withoutFuse } from './mount/mounted.ts';
import { contentOf, copyAll, files, openStack, scratchDirectory, writeAll } from './thousand-files.ts';

const limit = { timeout: 120_000 };
const requestTime = 100;
const mostRequests = 60;

async function openOnDropbox(t: TestContext): Promise<{ fake: DropboxFake; opened: OpenedStore; directory: string }> {
  const directory = scratchDirectory(t);
  const fake = await DropboxFake.start();
  t.after(() => fake.close());
  fake.requestTime = requestTime;
  const { appKey, appSecret, refreshToken } = fake.logins;
  const login = `id = ${appKey}\nsecret = ${appSecret}\nrefresh_token = ${refreshToken}\nendpoint = ${fake.origin}`;
  return { fake, opened: await openStack(t, directory, 'dropbox', login), directory };
}

function assertSentTogether(t: TestContext, fake: DropboxFake, { cache }: OpenedStore): void {
  const counts = Map.groupBy(fake.requests, ({ operation, status }) => `${operation} ${status}`);
  t.diagnostic([...counts].map(([what, { length }]) => `${length} ${what}`).join(', '));
  for (let index = 0; index < files; index++)
    assert.deepEqual(fake.disk.get(`/new/file-${index}`)?.file?.content, contentOf(index));
  assert.ok(fake.requests.length <= mostRequests, `${fake.requests.length} requests`);
  assert.deepEqual([cache.pending(), cache.problems()], [[], []]);
}

test('a thousand new files take some dozen requests', limit, async (t) => {
  const { fake, opened } = await openOnDropbox(t);
  await writeAll(opened);
  assertSentTogether(t, fake, opened);
});

test('so do a thousand files that are copied into a mount', { ...limit, skip: withoutFuse }, async (t) => {
  const { fake, opened, directory } = await openOnDropbox(t);
  await copyAll(opened, directory);
  assertSentTogether(t, fake, opened);
});
