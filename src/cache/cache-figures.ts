import type { CacheParts } from './cache-parts.ts';
import type { CacheStatistics, PendingChange } from './cache-report.ts';
import { changeOf, isLive, stateOf } from './changes.ts';
import type { Node } from './node.ts';

/** What is not sent yet, oldest change first. */
export function pendingChanges({ tree, settings, control }: CacheParts): PendingChange[] {
  return [...tree.dirty]
    .sort((a, b) => a.dirtiedAt - b.dirtiedAt)
    .flatMap((node) => pendingChange(node, tree.pathOf(node), control.isFirst(node) ? 0 : settings.uploadDelay));
}

function pendingChange(node: Node, path: string, delay: number): PendingChange[] {
  const change = changeOf(node);
  const state = stateOf(node);
  if (change === undefined || state === 'clean') return [];
  const { failure } = node;
  return [
    {
      node: node.id,
      path,
      kind: node.kind,
      change,
      state,
      size: bytesToSend(node),
      attempts: node.attempts,
      error: failure === undefined ? undefined : { code: failure.code, message: failure.message },
      held: node.held ? true : undefined,
      progress: node.progress === null ? undefined : { ...node.progress },
      dueAt: Math.max(node.nextTry, node.dirtiedAt + delay),
    },
  ];
}

/** What happened since the cache was opened, and what it holds. It walks over what is pending, and sorts and names nothing. */
export function cacheStatistics({
  tree,
  holder,
  settings,
  remote,
  reach,
  uploader,
  control,
  counts,
}: CacheParts): CacheStatistics {
  const { since, bytesWritten, bytesRead, writeRate, readRate, failures } = remote.statistics();
  const dirty = [...tree.dirty].filter((node) => node.contentDirty && isLive(node));
  return Object.freeze({
    since,
    pendingChanges: tree.dirty.size,
    dirtyFiles: dirty.length,
    dirtyBytes: dirty.reduce((sum, { size }) => sum + size, 0),
    uploading: uploader.running,
    cachedBytes: holder.room.bytes,
    maxBytes: settings.maxBytes,
    hardMaxBytes: settings.hardMaxBytes,
    ...counts,
    uploadedBytes: bytesWritten,
    downloadedBytes: bytesRead,
    uploadRate: writeRate,
    downloadRate: readRate,
    paused: pauseOf(control.pausedUntil),
    fullUntil: uploader.fullUntil === 0 ? undefined : uploader.fullUntil,
    online: reach.online,
    failures,
  });
}

function pauseOf(until: number): CacheStatistics['paused'] {
  if (until === 0) return undefined;
  return until === Infinity ? {} : { until };
}

function bytesToSend(node: Node): number {
  return node.contentDirty && isLive(node) ? node.size : 0;
}
