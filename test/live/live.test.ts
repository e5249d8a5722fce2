/** The conformance suite at real accounts, alone and under the write-back cache. Run by `run.ts`, which says which accounts there are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { withWriteBackCache } from '../../src/cache/write-back-cache.ts';
import { testStore } from '../../src/conformance/index.ts';
import { accountsDirectory, findAccounts, wantedVariable } from './accounts.ts';
import { LiveAccount } from './live-account.ts';

/** Milliseconds: a real line, and services that slow down who asks much. */
const patience = 600_000;
const wanted = (process.env[wantedVariable] ?? '').split(',').filter((word) => word !== '');

for (const { name, path } of findAccounts(accountsDirectory(), wanted))
  describe(name, { timeout: 6 * 3600 * 1000 }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-live-'));
    let account: LiveAccount | undefined;
    let caches = 0;
    const opened = (): LiveAccount => {
      if (account === undefined) throw new Error('the account could not be opened');
      return account;
    };

    before(async () => {
      account = await LiveAccount.open(path);
    });
    after(async () => {
      try {
        await account?.close();
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

    const runner = { describe, it };
    testStore('alone', { runner, timeout: patience, open: () => opened().newStore() });
    testStore('under the write-back cache', {
      runner,
      skip: [
        { test: 'names that differ in case are one file', reason: 'the cache keeps the second as a conflicted copy' },
      ],
      timeout: patience,
      open: () =>
        withWriteBackCache(opened().newStore(), { directory: join(directory, String(++caches)), uploadDelay: 0 }),
    });
  });
