import type { FailureCount } from '../layers/statistics.ts';
import type { StoreErrorCode } from '../store/errors.ts';
import type { NodeState } from './node-tree.ts';

/** What a write-back cache has done and holds: plain, frozen JSON. Sizes in bytes, rates in bytes per second of busy time. */
export interface CacheStatistics {
  /** When counting began, in milliseconds since the epoch. */
  readonly since: number;
  /** Files and directories that differ from the store. */
  readonly pendingChanges: number;
  /** Files whose content must be sent, and their bytes. */
  readonly dirtyFiles: number;
  readonly dirtyBytes: number;
  readonly uploading: number;
  readonly cachedBytes: number;
  readonly maxBytes: number;
  readonly hardMaxBytes: number;
  /** Opens for reading that found everything here, and those that had to fetch. */
  readonly hits: number;
  readonly misses: number;
  /** Bytes of successful transfers, and their rates over the union of the times in which any was under way. */
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly uploadRate: number;
  readonly downloadRate: number;
  /** Uploads are paused by a person, until this time in milliseconds since the epoch, or until they are resumed. */
  readonly paused?: { readonly until?: number | undefined } | undefined;
  /** The account is full; contents are sent again from this time on, in milliseconds since the epoch. */
  readonly fullUntil?: number | undefined;
  /** False after a call could not reach the service, until one does. */
  readonly online: boolean;
  /** Failures of the store by code. */
  readonly failures: Readonly<Partial<Record<StoreErrorCode, FailureCount>>>;
}

/** One difference between the cache and the store that is still to be sent. */
export interface PendingChange {
  readonly node: number;
  /** Where it is now; for a deletion, where the store still has it. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly change: 'create' | 'update' | 'move' | 'attributes' | 'delete';
  readonly state: Exclude<NodeState, 'clean'>;
  /** Bytes to send. */
  readonly size: number;
  /** Tries that failed since the last success. */
  readonly attempts: number;
  /** Why the last try failed. */
  readonly error?: { readonly code: StoreErrorCode | 'Unknown'; readonly message: string } | undefined;
  /** Somebody asked not to send the content. */
  readonly held?: true | undefined;
  /** Of an upload under way of more than a megabyte: bytes that were handed on, and since when, in milliseconds since the epoch. */
  readonly progress?: { readonly bytes: number; readonly since: number } | undefined;
  /** When it is due, in milliseconds since the epoch. */
  readonly dueAt: number;
}

/** Something a person should know of: a conflict copy, data that could not be read and was put aside, an upload that keeps failing, a mode or extended attributes that the store does not take, a name at the store that cannot be shown (of the first one in a directory). */
export interface Problem {
  readonly at: number;
  readonly kind: 'conflict' | 'quarantined' | 'upload' | 'attributes' | 'name';
  readonly path: string;
  /** One sentence. */
  readonly message: string;
}

/** How far `WriteBackCache.drain` has come. */
export interface DrainProgress {
  readonly changesLeft: number;
  readonly bytesLeft: number;
  readonly changesDone: number;
  readonly bytesDone: number;
}

/** Options of `WriteBackCache.drain`. */
export interface DrainOptions {
  /** Ends the waiting (not the uploads): drain rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DrainProgress) => void) | undefined;
}
