import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { configurableProviders } from '../src/config/configurable-providers.ts';
import { type OpenedStore, openStore } from '../src/config/open-store.ts';
import { parseConfiguration } from '../src/config/parse-configuration.ts';
import { mountStore } from '../src/index.ts';
import { writeBytes } from '../src/store/operations.ts';
import { runShell } from './mount/run-program.ts';

/** How many. Each has 4 KiB. */
export const files = 1000;

/** The content of `/new/file-INDEX`. */
export const contentOf = (index: number): Buffer => Buffer.alloc(4096, `content of ${index}, `);

/** The stack that people have, over `store` with the settings `auth`. Its cache lies in `directory`; it is closed with the test. */
export async function openStack(t: TestContext, directory: string, store: string, auth: string): Promise<OpenedStore> {
  const text = `[store]\nname = ${store}\ncache = 1\ncache_dir = cache\n[auth]\n${auth}\n`;
  const opened = await openStore(
    parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory }),
  );
  t.after(() => opened.close());
  return opened;
}

/** A directory that goes with the test. */
export function scratchDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Writes them into the cache, and waits until they are sent. */
export async function writeAll({ store, cache }: OpenedStore): Promise<void> {
  await store.makeDirectory('/new');
  for (let index = 0; index < files; index++) await writeBytes(store, `/new/file-${index}`, contentOf(index));
  await cache.drain();
}

/** Copies them into a mount by `cp`, and waits until they are sent. */
export async function copyAll({ cache }: OpenedStore, directory: string): Promise<void> {
  const [from, to] = [join(directory, 'new'), join(directory, 'mnt')];
  for (const path of [from, to]) mkdirSync(path);
  for (let index = 0; index < files; index++) writeFileSync(join(from, `file-${index}`), contentOf(index));
  const mounted = await mountStore(cache, { mountPoint: to });
  try {
    await runShell('cp -r new mnt/data/', directory);
    await cache.drain();
  } finally {
    await mounted.unmount({ lazy: true });
  }
}
