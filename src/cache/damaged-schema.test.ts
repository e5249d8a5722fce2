import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';

/** Everywhere, since the file holds older texts of its schema too. */
function renamed(bytes: Buffer): void {
  for (let at = bytes.indexOf('synced_modified'); at >= 0; at = bytes.indexOf('synced_modified')) bytes.write('x', at);
}

/** Of a schema that SQLite can read, but that is not ours any more. */
for (const [what, change] of [
  ['a column has another name', renamed],
  ['its format is unknown', (bytes: Buffer) => bytes.writeUInt32BE(99, 44)],
  ['it says that it is older', (bytes: Buffer) => bytes.writeUInt32BE(1, 60)],
] as const)
  it(`a cache whose database is damaged so that ${what} opens with what is not sent`, {
    timeout: 20_000,
  }, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/unsent', 'only here');
    await trial.cache.close();
    const path = join(trial.directory, 'index.db');
    const bytes = readFileSync(path);
    change(bytes);
    writeFileSync(path, bytes);
    await trial.reopen();
    const isPutAside = trial.cache.problems().some(({ kind }) => kind === 'quarantined');
    assert.ok(isPutAside);
    const text = await trial.text('/unsent').catch(() => undefined);
    const lost = trial.cache.problems().filter(({ path: place }) => place.includes('lost+found'));
    const contents = lost.map(({ path: place }) => readFileSync(place, 'latin1'));
    assert.ok(text === 'only here' || contents.includes('only here'), `${text}, ${contents.length} put aside`);
    await trial.save('/new', 'new');
    assert.equal(await trial.text('/new'), 'new');
  });
