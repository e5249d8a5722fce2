/** A thousand small files on the way to a service that takes one change at a time: as few requests as it allows, none of them in vain. */
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
import { DropboxFake } from './fakes/dropbox/dropbox-fake.ts';
import { withoutFuse } from './mount/mounted.ts';
import { runShell } from './mount/run-program.ts';

const limit = { timeout: 120_000 };
const files = 1000;
const requestTime = 100;
const mostRequests = 60;

/** The stack that people have, on a fake that takes its time. */
async function openDefaultStack(
  t: TestContext,
): Promise<{ fake: DropboxFake; opened: OpenedStore; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const fake = await DropboxFake.start();
  t.after(() => fake.close());
  fake.requestTime = requestTime;
  const { appKey, appSecret, refreshToken } = fake.logins;
  const login = `id = ${appKey}\nsecret = ${appSecret}\nrefresh_token = ${refreshToken}\nendpoint = ${fake.origin}`;
  const text = `[store]\nname = dropbox\ncache = 1\ncache_dir = cache\n[auth]\n${login}\n`;
  const opened = await openStore(
    parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory }),
  );
  t.after(() => opened.close());
  return { fake, opened, directory };
}

function assertSentTogether(t: TestContext, fake: DropboxFake, content: (index: number) => Buffer): void {
  const counts = Map.groupBy(fake.requests, ({ operation, status }) => `${operation} ${status}`);
  t.diagnostic([...counts].map(([what, { length }]) => `${length} ${what}`).join(', '));
  for (let index = 0; index < files; index++)
    assert.deepEqual(fake.disk.get(`/new/file-${index}`)?.file?.content, content(index));
  assert.ok(fake.requests.length <= mostRequests, `${fake.requests.length} requests`);
}

const contentOf = (index: number): Buffer => Buffer.alloc(4096, `content of ${index}, `);

test('a thousand new files take some dozen requests', limit, async (t) => {
  const { fake, opened } = await openDefaultStack(t);
  await opened.store.makeDirectory('/new');
  for (let index = 0; index < files; index++) await writeBytes(opened.store, `/new/file-${index}`, contentOf(index));
  await opened.cache.drain();
  assertSentTogether(t, fake, contentOf);
  assert.deepEqual(opened.cache.pending(), []);
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
  assertSentTogether(t, fake, contentOf);
});
