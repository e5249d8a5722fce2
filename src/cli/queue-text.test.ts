import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CacheStatistics, PendingChange } from '../cache/cache-report.ts';
import { queueReport } from './daemon/queue-report.ts';
import { queueText } from './queue-text.ts';

const now = 1_000_000;
const calm: CacheStatistics = {
  since: 0,
  pendingChanges: 4,
  dirtyFiles: 4,
  dirtyBytes: 0,
  uploading: 1,
  cachedBytes: 0,
  maxBytes: 0,
  hardMaxBytes: 0,
  hits: 0,
  misses: 0,
  uploadedBytes: 0,
  downloadedBytes: 0,
  uploadRate: 1_000_000,
  downloadRate: 0,
  online: true,
  failures: {},
};

function change(path: string, parts: Partial<PendingChange>): PendingChange {
  return {
    node: 1,
    path,
    kind: 'file',
    change: 'update',
    state: 'waiting',
    size: 0,
    attempts: 0,
    dueAt: now,
    ...parts,
  };
}

const pending = [
  change('/held', { size: 5, held: true, dueAt: 0 }),
  change('/later', { size: 2_000_000, dueAt: now + 60_000 }),
  change('/bad', { state: 'error', attempts: 2, error: { code: 'TooLarge', message: 'too large' }, dueAt: now + 5000 }),
  change('/big', { state: 'uploading', size: 4_000_000, progress: { bytes: 1_000_000, since: now - 2000 } }),
];

it('puts what runs first and what is held last, and counts what is on its way', () => {
  const report = queueReport('/mnt', pending, calm, now);
  assert.deepEqual(
    report.changes.map(({ path, state }) => `${path} ${state}`),
    ['/big running', '/bad failed', '/later waiting', '/held held'],
  );
  assert.deepEqual(report.totals, {
    changes: 4,
    bytes: 6_000_005,
    running: 1,
    failed: 1,
    held: 1,
    rate: 1_000_000,
    secondsLeft: 5,
  });
  assert.equal(
    queueText(report, now),
    `update /big (4.0 MB): 1.0 MB sent, 500.0 kB/s
update /bad (0 B): failed 2 times (too large), next try in 5 s
update /later (2.0 MB): in 1 min 0 s
update /held (5 B): held until "cloudfusion retry"
4 changes to send (6.0 MB), 1 running, 1 failed, 1 held, about 5 s at 1.0 MB/s`,
  );
});

it('estimates nothing while nothing is sent, and says why', () => {
  const paused = queueReport('/mnt', pending, { ...calm, paused: { until: now + 60_000 } }, now);
  assert.equal(paused.totals.secondsLeft, null);
  assert.match(queueText(paused, now), /Uploads are PAUSED for 1 min 0 s\./);
  const full = queueReport('/mnt', pending, { ...calm, fullUntil: now + 30_000 }, now);
  assert.equal(full.totals.secondsLeft, null);
  assert.match(queueText(full, now), /The account is full: contents are tried again in 30 s/);
});
