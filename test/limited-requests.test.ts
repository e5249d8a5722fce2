/** A thousand small files on the way to a service that lets so many requests through in a second: little more than one for each file, and all arrive. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { configurableProviders } from '../src/config/configurable-providers.ts';
import { type OpenedStore, openStore } from '../src/config/open-store.ts';
import { parseConfiguration } from '../src/config/parse-configuration.ts';
import { mountStore } from '../src/index.ts';
import { writeBytes } from '../src/store/operations.ts';
import { anna, GoogleDriveFake } from './fakes/google-drive/google-drive-fake.ts';
import { withoutFuse } from './mount/mounted.ts';
import { runShell } from './mount/run-program.ts';

const limit = { timeout: 120_000 };
const files = 1000;
/** Twice what Drive allows a user (https://developers.google.com/workspace/drive/api/guides/limits: 12,000 a minute), so that the test is short. */
const perSecond = 400;
const requestTime = 50;
/** A name is looked up together with others, before its file is made. */
const mostRequests = files * 1.2;

async function openDefaultStack(
  t: TestContext,
): Promise<{ fake: GoogleDriveFake; opened: OpenedStore; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const fake = await GoogleDriveFake.start();
  t.after(() => fake.close());
  Object.assign(fake, { requestTime, perSecond });
  const key = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
  writeFileSync(join(directory, 'key.json'), key, { mode: 0o600 });
  const login = `service_account_file = key.json\nendpoint = ${fake.origin}`;
  const text = `[store]\nname = google drive\ncache = 1\ncache_dir = cache\n[auth]\n${login}\n`;
  const opened = await openStore(
    parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory }),
  );
  t.after(() => opened.close());
  return { fake, opened, directory };
}

function assertArrived(t: TestContext, fake: GoogleDriveFake, opened: OpenedStore): void {
  const counts = Map.groupBy(fake.requests, ({ status }) => (status === 403 ? 'refused' : 'accepted'));
  const [accepted, refused] = [counts.get('accepted')?.length ?? 0, counts.get('refused')?.length ?? 0];
  t.diagnostic(`${accepted} requests, ${refused} more were refused because of the rate`);
  const contents = new Map([...fake.disk.files.values()].map(({ name, content }) => [name, content]));
  for (let index = 0; index < files; index++) assert.deepEqual(contents.get(`file-${index}`), contentOf(index));
  assert.ok(accepted <= mostRequests, `${accepted} requests`);
  assert.deepEqual([opened.cache.pending(), opened.cache.problems()], [[], []]);
}

const contentOf = (index: number): Buffer => Buffer.alloc(4096, `content of ${index}, `);

test('a thousand new files take little more than a thousand requests', limit, async (t) => {
  const { fake, opened } = await openDefaultStack(t);
  await opened.store.makeDirectory('/new');
  for (let index = 0; index < files; index++) await writeBytes(opened.store, `/new/file-${index}`, contentOf(index));
  await opened.cache.drain();
  assertArrived(t, fake, opened);
});

test('so do a thousand files that are copied into a mount', { ...limit, skip: withoutFuse }, async (t) => {
  const { fake, opened, directory } = await openDefaultStack(t);
  const [from, to] = [join(directory, 'new'), join(directory, 'mnt')];
  for (const path of [from, to]) mkdirSync(path);
  for (let index = 0; index < files; index++) writeFileSync(join(from, `file-${index}`), contentOf(index));
  const mounted = await mountStore(opened.cache, { mountPoint: to });
  try {
    await runShell('cp -r new mnt/data/', directory);
    await opened.cache.drain();
  } finally {
    await mounted.unmount({ lazy: true });
  }
  assertArrived(t, fake, opened);
});
