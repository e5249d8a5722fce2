import assert from 'node:assert/strict';
import type { StoreCase } from '../store-case.ts';

const flags = [
  'caseSensitive',
  'modified',
  'modifiedListed',
  'rangedReads',
  'serverSideCopy',
  'serverSideMove',
] as const;
const sizes = ['maxFileSize', 'resumableFrom', 'partialFrom'] as const;

/** `name`, `capabilities`, `usage` and `close`. */
export const lifeCases: readonly StoreCase[] = [
  {
    name: 'a store has a name and sound capabilities',
    run: async ({ store }) => {
      assert.ok(store.name.length > 0);
      const { capabilities } = store;
      assert.ok(['atomic', 'checked', 'none'].includes(capabilities.preconditions));
      assert.ok(capabilities.modifiedPrecision >= 0);
      for (const flag of flags) assert.equal(typeof capabilities[flag], 'boolean', flag);
      assert.ok(capabilities.refusedNames === null || capabilities.refusedNames instanceof RegExp);
      assert.ok(['none', 'mode', 'any'].includes(capabilities.metadata));
      assert.ok(['none', 'poll', 'wait'].includes(capabilities.changes));
      assert.ok(capabilities.maxMetadataBytes > 0 || capabilities.metadata === 'none');
      for (const size of sizes) assert.ok(capabilities[size] > 0, size);
      assert.ok(capabilities.gatheredUpTo >= 0);
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
