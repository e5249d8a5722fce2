import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell, tryProgram } from './run-program.ts';

/** The reasons of the table in `docs/errors.md`, and what makes the daemon's service so. */
const reasons = [
  { errno: 'ETIMEDOUT', says: 'Connection timed out', command: 'pause' },
  { errno: 'EIO', says: 'Input/output error', command: 'offline' },
  { errno: 'EACCES', says: 'Permission denied', command: 'refuse' },
] as const;

/** What cannot be had from the cache, by programs that tell the error. */
const calls = {
  'lists a directory that was never listed': 'ls new',
  'looks for a name in it': 'stat new/x',
  'looks for a name that may not be there': 'stat new/missing',
  'makes a file in it': 'dd if=/dev/null of=new/made',
  'makes a directory in it': 'mkdir new/made',
  'renames out of it': 'mv -T new/x known/x',
  'removes it': 'rmdir new',
  'reads what was never read': 'cat known/cold',
};

describe('a mount whose service is away', { skip: withoutFuse, timeout: 120_000 }, () => {
  let mounted: Mounted;

  beforeEach(async () => {
    mounted = await mountStore({ uploadDelay: 3_600_000, timeout: 500 });
    await runShell(
      'mkdir -p store/known store/new && echo cold > store/known/cold && echo x > store/new/x',
      mounted.directory,
    );
    await runShell('ls . known && echo warm > known/warm', mounted.data);
    await mounted.drain();
  });
  afterEach(() => mounted[Symbol.asyncDispose]());

  for (const { errno, says, command } of reasons)
    it(`answers ${errno} for what is not here, serves the rest, and goes on by itself`, async () => {
      await mounted.daemon.ask(command);
      const results = await Promise.all(
        Object.entries(calls).map(async ([name, call]) => ({
          name,
          result: await tryProgram('bash', ['-c', `LC_ALL=C ${call}`], mounted.data),
        })),
      );
      for (const { name, result } of results) {
        assert.notEqual(result.status, 0, name);
        assert.ok(result.errors.includes(says), `${name}: ${result.errors}`);
      }
      assert.equal(
        await runShell('cat known/warm; echo more >> known/warm; mkdir known/d; ls known', mounted.data),
        'warm\ncold\nd\nwarm\n',
      );
      await mounted.daemon.ask('heal');
      assert.equal(await runShell('mv new/x known/x; cat known/cold known/x; ls new', mounted.data), 'cold\nx\n');
      await mounted.drain();
      assert.equal(
        await runShell('cat known/warm known/x; ls known new', mounted.storeDirectory),
        'warm\nmore\nx\nknown:\ncold\nd\nwarm\nx\n\nnew:\n',
      );
      assert.deepEqual(await mounted.errors(), []);
    });

  it('is in docs/errors.md', async () => {
    const text = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const [, section = ''] = text.split('### While the service is away');
    const found = [...(section.split('\n## ')[0] ?? '').matchAll(/\| `(E\w+)` \|$/gm)].map(([, errno]) => errno);
    assert.deepEqual(
      found,
      reasons.map(({ errno }) => errno),
    );
  });
});
