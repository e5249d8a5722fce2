/**
 * A thousand small files through the default stack onto a service that answers each request after 100 ms and lets so many through in a
 * second: `npm run bench:requests -- [--rates 10,20,50,200]`. The service is the fake of Google Drive; what its limit allows is the time that the
 * accepted requests need at just that rate.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configurableProviders } from '../src/config/configurable-providers.ts';
import { openStore } from '../src/config/open-store.ts';
import { parseConfiguration } from '../src/config/parse-configuration.ts';
import { writeBytes } from '../src/store/operations.ts';
import { anna, GoogleDriveFake } from '../test/fakes/google-drive/google-drive-fake.ts';
import { printTable } from './report.ts';

const files = 1000;
const requestTime = 100;
const { values } = parseArgs({ options: { rates: { type: 'string', default: '10,20,50,200' } } });

const rows: string[][] = [];
for (const rate of values.rates.split(',').map(Number)) rows.push(await measured(rate));
printTable(['requests/s', 'accepted', 'refused', 'seconds', 'of what the limit allows'], rows);

async function measured(perSecond: number): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-bench-'));
  const fake = await GoogleDriveFake.start();
  Object.assign(fake, { requestTime, perSecond });
  try {
    const seconds = await secondsForAll(fake, directory);
    const refused = fake.requests.filter(({ status }) => status === 403).length;
    const accepted = fake.requests.length - refused;
    const ratio = seconds / (accepted / perSecond);
    return [String(perSecond), String(accepted), String(refused), seconds.toFixed(1), ratio.toFixed(2)];
  } finally {
    await fake.close();
    rmSync(directory, { recursive: true });
  }
}

async function secondsForAll(fake: GoogleDriveFake, directory: string): Promise<number> {
  const key = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
  writeFileSync(join(directory, 'key.json'), key, { mode: 0o600 });
  const login = `service_account_file = key.json\nendpoint = ${fake.origin}`;
  const text = `[store]\nname = google drive\ncache = 1\ncache_dir = cache\n[auth]\n${login}\n`;
  const configuration = parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory });
  const { store, cache, close } = await openStore(configuration);
  try {
    await store.makeDirectory('/new');
    for (let i = 0; i < files; i++) await writeBytes(store, `/new/${i}`, Buffer.alloc(4096, String(i)));
    const began = performance.now();
    await cache.drain();
    if (cache.pending().length + cache.problems().length > 0) throw new Error('not everything arrived');
    return (performance.now() - began) / 1000;
  } finally {
    await close();
  }
}
