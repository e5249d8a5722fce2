import type { CacheStatistics, PendingChange } from '../../cache/cache-report.ts';

/**
 * What `cloudfusion queue --json` prints: what a mount has still to send. Sizes in bytes, rates in bytes per second, times in milliseconds since the
 * epoch. Scripts rely on it: fields are added, never taken away or given another meaning.
 */
export interface QueueReport {
  readonly mountPoint: string;
  /** Null while uploads are not paused; without an end, `until` is null. */
  readonly paused: { readonly until: number | null } | null;
  /** The account is full; contents are tried again at this time. */
  readonly fullUntil: number | null;
  readonly online: boolean;
  /** What runs first, then by the time at which it is due, what is held last. */
  readonly changes: readonly QueuedChange[];
  readonly totals: QueueTotals;
}

/** One change that is not sent yet. */
export interface QueuedChange {
  /** As the store sees it, from its root; for a deletion, where the store still has it. */
  readonly path: string;
  readonly kind: PendingChange['kind'];
  readonly change: PendingChange['change'];
  /** waiting: for its delay, or its turn; failed: for its next try; held: for `retry`. */
  readonly state: 'waiting' | 'running' | 'failed' | 'held';
  /** Bytes to send. */
  readonly size: number;
  /** Of a running upload of more than a megabyte: bytes handed on, and how fast. 0 otherwise. */
  readonly sent: number;
  readonly rate: number;
  /** When it may be sent; null for what is held. */
  readonly dueAt: number | null;
  /** Tries that failed since the last success. */
  readonly attempts: number;
  /** Why the last one failed. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** All changes together. */
export interface QueueTotals {
  readonly changes: number;
  readonly bytes: number;
  readonly running: number;
  readonly failed: number;
  readonly held: number;
  /** What was sent since the mount began, by the time that it took. */
  readonly rate: number;
  /** How long what is neither held nor failed takes at this rate; null while that is not known, or nothing is sent. */
  readonly secondsLeft: number | null;
}

/** The report of a cache at a moment. */
export function queueReport(
  mountPoint: string,
  pending: readonly PendingChange[],
  { paused, fullUntil, online, uploadRate: rate }: CacheStatistics,
  now: number,
): QueueReport {
  const changes = pending.map((change) => queuedChange(change, now)).sort((a, b) => orderOf(a) - orderOf(b));
  const count = (state: QueuedChange['state']): number => changes.filter((change) => change.state === state).length;
  const left = changes.reduce((sum, { state, size, sent }) => sum + (isOnItsWay(state) ? size - sent : 0), 0);
  const isKnown = rate > 0 && paused === undefined && fullUntil === undefined && online;
  return {
    mountPoint,
    paused: paused === undefined ? null : { until: paused.until ?? null },
    fullUntil: fullUntil ?? null,
    online,
    changes,
    totals: {
      changes: changes.length,
      bytes: changes.reduce((sum, { size }) => sum + size, 0),
      running: count('running'),
      failed: count('failed'),
      held: count('held'),
      rate,
      secondsLeft: isKnown ? left / rate : null,
    },
  };
}

function queuedChange({ path, kind, change, size, attempts, ...rest }: PendingChange, now: number): QueuedChange {
  const { progress, error, held } = rest;
  const state = rest.state === 'uploading' ? 'running' : held ? 'held' : error === undefined ? 'waiting' : 'failed';
  const sent = Math.min(size, progress?.bytes ?? 0);
  const milliseconds = Math.max(1, now - (progress?.since ?? now));
  return {
    path,
    kind,
    change,
    state,
    size,
    sent,
    rate: Math.round((sent * 1000) / milliseconds),
    dueAt: state === 'held' ? null : rest.dueAt,
    attempts,
    error: error ?? null,
  };
}

function orderOf({ state, dueAt }: QueuedChange): number {
  return state === 'running' ? -1 : (dueAt ?? Number.MAX_VALUE);
}

function isOnItsWay(state: QueuedChange['state']): boolean {
  return state === 'running' || state === 'waiting';
}
