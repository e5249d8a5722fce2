import assert from 'node:assert/strict';
import type { StoreCase } from '../store-case.ts';

const times: readonly number[] = [
  Date.UTC(2001, 8, 9, 1, 46, 40),
  Date.UTC(2014, 11, 31, 23, 59, 59, 999),
  Date.UTC(2020, 1, 29, 12, 0, 0, 123),
  Date.UTC(2024, 5, 15, 8, 30, 15, 1),
];

/** Longest that a service's clock may differ from ours: what its certificates and signatures tolerate at the most. */
const clockSkew = 15 * 60_000;

/** Modification times, as far as `capabilities` promise them. */
export const modifiedCases: readonly StoreCase[] = [
  {
    name: 'a given modification time is kept within the precision',
    unless: ({ modified }) => (modified ? undefined : 'the store does not keep modification times'),
    run: async (trial) => {
      const { modifiedPrecision } = trial.capabilities;
      for (const modified of times) {
        const written = await trial.put('/file', String(modified), { modified });
        const difference = Math.abs(written.modified - modified);
        assert.ok(difference < Math.max(1, modifiedPrecision), `${modified} became ${written.modified}`);
        assert.equal((await trial.file('/file')).modified, written.modified);
      }
    },
  },
  {
    name: 'a file that is written without a time is modified now',
    run: async (trial) => {
      const before = Date.now();
      const { modified } = await trial.put('/file', 'content');
      const tolerance = clockSkew + trial.capabilities.modifiedPrecision;
      assert.ok(modified >= before - tolerance && modified <= Date.now() + tolerance, `${before} became ${modified}`);
    },
  },
  {
    name: 'a file that is replaced without a time does not keep the old one',
    run: async (trial) => {
      await trial.put('/file', 'first', { modified: Date.UTC(2001, 0, 1) });
      const { modified } = await trial.put('/file', 'second');
      assert.ok(modified > Date.UTC(2002, 0, 1), `it became ${modified}`);
    },
  },
  {
    name: 'a move keeps the modification time',
    unless: ({ modified }) => (modified ? undefined : 'the store does not keep modification times'),
    run: async (trial) => {
      const { modified } = await trial.put('/file', 'content', { modified: Date.UTC(2010, 0, 1) });
      await trial.settled(trial.store.move('/file', '/moved'));
      assert.equal((await trial.file('/moved')).modified, modified);
    },
  },
];
