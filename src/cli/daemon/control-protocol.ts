import type { CacheStatistics, DrainProgress, PendingChange, Problem } from '../../cache/cache-report.ts';
import type { RequestFigures } from '../../http/traffic.ts';
import type { PassthroughState } from '../../vfs/passthrough.ts';
import type { ExitReason } from '../exit-codes.ts';

/**
 * What commands and the daemon of a mount say to each other: HTTP over a Unix socket.
 *
 * - `GET /status` answers a `StatusReport`.
 * - `POST /sync` sends all changes now, and answers one `SyncMessage` a line; closing the connection ends the waiting.
 * - `GET /queue` answers a `QueueReport`, `POST` of the `urlOf` a `QueueOrder` a `QueueAnswer`.
 * - `POST /stop` commits, unmounts and ends the daemon, and answers one `StopMessage` a line. A mount that is in use goes on and says
 *   who uses it; `POST /stop?force` detaches it from them.
 */
export interface StatusReport {
  readonly pid: number;
  readonly version: string;
  readonly mountPoint: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Undefined while the mount is not configured. */
  readonly store?: StoreReport | undefined;
  /** Why the last configuration was refused. */
  readonly refused?: string | undefined;
}

/** The store of a configured mount. */
export interface StoreReport {
  /** The provider's name. */
  readonly name: string;
  readonly cacheDirectory: string;
  /** Whether the kernel reads and writes cached files by itself, and if not, why. */
  readonly passthrough?: PassthroughState | undefined;
  readonly statistics: CacheStatistics;
  /** The first `longestPendingList` of `statistics.pendingChanges`. */
  readonly pending: readonly PendingChange[];
  readonly problems: readonly Problem[];
  /** What was asked of the service since the mount began, by the service's own names of its calls. */
  readonly requests: Readonly<Record<string, RequestFigures>>;
}

/** More changes than this are only counted. */
export const longestPendingList = 1000;

/** The last one is `done` or `failed`. */
export type SyncMessage =
  | ({ readonly kind: 'progress' } & DrainProgress)
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** What could not be sent, and why: at most `longestPendingList`. */
      readonly changes: readonly PendingChange[];
    };

/** The last one is `stopped`, `inUse` or `failed`. */
export type StopMessage =
  | { readonly kind: 'stopping' }
  | ({ readonly kind: 'stopped' } & Remainder)
  /** Nothing was stopped; the message names the users. */
  | { readonly kind: 'inUse'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** What was not uploaded when a mount ended: it stays in the cache, and the next start goes on. */
export interface Remainder {
  readonly changes: number;
  readonly files: number;
  readonly bytes: number;
  /** The mount was in use, and its users have lost it. */
  readonly forced: boolean;
}

/** What the daemon in the background tells the command that started it, once. */
export type StartMessage =
  | { readonly kind: 'notice'; readonly text: string }
  | {
      readonly kind: 'ready';
      readonly mountPoint: string;
      readonly store: string | undefined;
      readonly waiting: number;
    }
  | { readonly kind: 'failed'; readonly reason: ExitReason; readonly message: string };
