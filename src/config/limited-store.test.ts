import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { WebdavFake } from '../../test/fakes/webdav/webdav-fake.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import { configurableProviders } from './configurable-providers.ts';
import { openStore } from './open-store.ts';
import { parseConfiguration } from './parse-configuration.ts';

const kibibyte = 1 << 10;

/** Milliseconds that some work took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

it('the limits of a configuration hold for its service, until another configuration has others', {
  timeout: 60_000,
}, async (t) => {
  await using fake = await WebdavFake.start();
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const open = (limits: string) => {
    const text = `[store]\nname = webdav\ncache_dir = cache\n${limits}\n[auth]\nurl = ${fake.url}\nuser = anna\npassword = secret\n`;
    return openStore(parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory }));
  };
  const bytes = Buffer.alloc(512 * kibibyte, 'x');
  // No clock is so wrong that these could take less.
  const slow = await open('upload_limit = 00:00,512k 12:00,512k\ndownload_limit = 512k');
  t.after(() => slow.close());
  assert.ok((await timed(() => writeBytes(slow.remote, '/a', bytes))) > 700);
  assert.ok((await timed(() => readBytes(slow.remote, '/a'))) > 700);
  await slow.close();
  const fast = await open('upload_limit = off');
  t.after(() => fast.close());
  await writeBytes(fast.remote, '/b', bytes);
  assert.ok(bytes.equals(await readBytes(fast.remote, '/b')));
});
