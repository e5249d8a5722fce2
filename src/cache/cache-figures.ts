import type { CacheParts } from './cache-parts.ts';
import type { CacheStatistics, PendingChange } from './cache-report.ts';
import { changeOf, isLive, stateOf } from './changes.ts';
import type { Node } from './node.ts';

/** What is not sent yet, oldest change first. */
export function pendingChanges({ tree, settings }: CacheParts): PendingChange[] {
  return [...tree.dirty]
    .sort((a, b) => a.dirtiedAt - b.dirtiedAt)
    .flatMap((node) => pendingChange(node, tree.pathOf(node), settings.uploadDelay));
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
    online: reach.online,
    failures,
  });
}

function bytesToSend(node: Node): number {
  return node.contentDirty && isLive(node) ? node.size : 0;
}
