import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';

const limit = { timeout: 60_000 };
const hasStrace = spawnSync('strace', ['-V']).status === 0 && spawnSync('strace', ['-f', 'true']).status === 0;

/** What a program over a cache makes durable, in order: the files that it synced since it said `begin`. */
function syncedBy(t: TestContext, program: string, bytes = 40_000): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'cloudfusion-sync-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const trace = join(folder, 'trace');
  const source = `
    import { writeSync } from 'node:fs';
    import { withWriteBackCache } from ${JSON.stringify(new URL('write-back-cache.ts', import.meta.url).href)};
    import { MemoryStore } from ${JSON.stringify(new URL('../providers/memory/memory-store.ts', import.meta.url).href)};
    const { tree } = withWriteBackCache(new MemoryStore(), { directory: ${JSON.stringify(join(folder, 'cache'))}, uploadDelay: 1e9 });
    await tree.list(tree.root);
    const node = await tree.createFile(tree.root, 'f', { mode: 0o644, uid: 0, gid: 0 });
    const file = await tree.open(node.id, { write: true });
    await file.write(0, new Uint8Array(${bytes}));
    writeSync(2, 'begin');
    ${program}
    writeSync(2, 'end');
    process.exit(0);`;
  const run = spawnSync(
    'strace',
    [
      '-f',
      '-y',
      '-e',
      'trace=fsync,fdatasync,write',
      '-o',
      trace,
      process.execPath,
      '--input-type=module',
      '-e',
      source,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(run.status, 0, run.stderr);
  const lines = readFileSync(trace, 'utf8').split('\n');
  const mark = (word: string): number => lines.findIndex((line) => line.includes(`"${word}"`));
  const calls = lines.slice(mark('begin'), mark('end')).join('\n');
  return [...calls.matchAll(/f(?:data)?sync\(\d+<([^>]*)>/g)].map(([, path = '']) => path.slice(folder.length));
}

describe('sync', () => {
  it('resolves, and commits what was written', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/f', 'old');
    const file = await trial.open('/f', true);
    await file.write(0, Buffer.from('new, longer'));
    await file.sync();
    await trial.tree.sync(trial.tree.root);
    const after = new CacheTrial(t, { store: trial.store, directory: trial.copyOfDirectory() });
    assert.equal(await after.text('/f'), 'new, longer');
    assert.equal((await after.find('/f'))?.size, 11);
    file.release();
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'new, longer' });
  });

  it('of a file makes its data, its folder and then the database durable', {
    ...limit,
    skip: !hasStrace && 'strace is not installed, or may not trace',
  }, (t) => {
    const synced = syncedBy(t, 'await file.sync();');
    const last = (pattern: RegExp): number => synced.findLastIndex((path) => pattern.test(path));
    assert.ok(last(/\/data\/[0-9a-f]+\/\d+$/) >= 0, `the data file among ${synced.join(', ')}`);
    assert.ok(last(/\/data\/[0-9a-f]+$/) >= 0, `its folder among ${synced.join(', ')}`);
    assert.ok(last(/\/index\.db-wal$/) > last(/\/data\//), `the database after both in ${synced.join(', ')}`);
  });

  it('of a small file makes the database durable, which has its content', {
    ...limit,
    skip: !hasStrace && 'strace is not installed, or may not trace',
  }, (t) => {
    const synced = syncedBy(t, 'await file.sync();', 7);
    assert.deepEqual(
      synced.filter((path) => path.includes('/data/')),
      [],
    );
    assert.ok(
      synced.some((path) => path.endsWith('/index.db-wal')),
      synced.join(', '),
    );
  });

  it('of everything else makes the database durable', {
    ...limit,
    skip: !hasStrace && 'strace is not installed, or may not trace',
  }, (t) => {
    assert.ok(
      syncedBy(
        t,
        "await file.flush(); await tree.rename(tree.root, 'f', tree.root, 'g', {}); await tree.sync(tree.root);",
      ).some((path) => path.endsWith('/index.db-wal')),
    );
  });

  it('a flush alone waits for no disk', {
    ...limit,
    skip: !hasStrace && 'strace is not installed, or may not trace',
  }, (t) => {
    assert.deepEqual(syncedBy(t, 'await file.flush(); file.release();'), []);
  });
});
