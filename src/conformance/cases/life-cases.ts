import assert from 'node:assert/strict';
import type { StoreCase } from '../store-case.ts';

/** `name`, `capabilities`, `usage` and `close`. */
export const lifeCases: readonly StoreCase[] = [
  {
    name: 'a store has a name and sound capabilities',
    run: async ({ store }) => {
      assert.ok(store.name.length > 0);
      const { preconditions, modifiedPrecision, maxFileSize, ...flags } = store.capabilities;
      assert.ok(['atomic', 'checked', 'none'].includes(preconditions));
      assert.ok(modifiedPrecision >= 0 && maxFileSize > 0);
      const names = ['caseSensitive', 'modified', 'rangedReads', 'serverSideCopy', 'serverSideMove'] as const;
      for (const name of names) assert.equal(typeof flags[name], 'boolean', name);
    },
  },
  {
    name: 'usage tells numbers and a name, or leaves them out',
    run: async (trial) => {
      await trial.put('/file', 'content');
      const { used, total, account } = await trial.store.usage();
      for (const figure of [used, total]) {
        if (figure !== undefined) assert.ok(Number.isFinite(figure) && figure >= 0, String(figure));
      }
      if (account !== undefined) assert.equal(typeof account, 'string');
    },
  },
  {
    name: 'close may be called twice, also at once',
    run: async (trial) => {
      await trial.put('/file', 'content');
      await Promise.all([trial.store.close(), trial.store.close()]);
      await trial.store.close();
    },
  },
];
