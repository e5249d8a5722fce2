import { hostname } from 'node:os';

/** Options of `withWriteBackCache`. */
export interface WriteBackCacheOptions {
  /** Where the cache lives; made if missing. One process at a time, one account for good. */
  readonly directory: string;
  /** Milliseconds from the last change of a file until its upload. @default 60_000 */
  readonly uploadDelay?: number | undefined;
  /**
   * Closing and syncing a file of the tree waits until the store has it, and fails with what kept it from being sent; nothing is lost then. There
   * is no upload delay. @default false
   */
  readonly writeThrough?: boolean | undefined;
  /** Milliseconds for which what the store said is believed. @default 120_000 */
  readonly metadataTime?: number | undefined;
  /** Milliseconds after which a question that the store does not answer fails; see `withTimeLimit`. `Infinity`: never. @default 30_000 */
  readonly timeout?: number | undefined;
  /** Bytes of content that are kept; older clean content is dropped. @default 5_000_000_000 */
  readonly maxBytes?: number | undefined;
  /** Bytes above which writers are made to wait, and in the end get `QuotaExceeded`. @default 10_000_000_000 */
  readonly hardMaxBytes?: number | undefined;
  /** How long a writer waits for room, in milliseconds. @default 30_000 */
  readonly writePatience?: number | undefined;
  /** Remote operations at a time, to begin with; it adapts. @default 64 */
  readonly uploads?: number | undefined;
  /**
   * Fetches the next small files of a directory in advance when several were read one after the other. What is then not read cost
   * requests for nothing. @default true
   */
  readonly prefetch?: boolean | undefined;
  /** The largest content in bytes that is kept in the cache's database instead of a data file of its own; 0: none. @default 32_768 */
  readonly inlineBytes?: number | undefined;
  /** Names this machine in conflict copies. @default the host's name */
  readonly host?: string | undefined;
  /** Permission bits of files and directories of which the store tells none. @default 0o644 and 0o755 */
  readonly fileMode?: number | undefined;
  readonly directoryMode?: number | undefined;
  /**
   * Refuses modes, owners and extended attributes that the store cannot keep, as `Unsupported`, instead of keeping them here; new files
   * and directories then have the usual mode. @default false
   */
  readonly strictPosix?: boolean | undefined;
  /** Owner and group of what the store brings. @default those of the process */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Options with their defaults. */
export type CacheSettings = {
  readonly [Option in keyof WriteBackCacheOptions]-?: NonNullable<WriteBackCacheOptions[Option]>;
};

/** Fills in what was not given. */
export function withDefaults(options: WriteBackCacheOptions): CacheSettings {
  return {
    directory: options.directory,
    uploadDelay: options.writeThrough === true ? 0 : (options.uploadDelay ?? 60_000),
    writeThrough: options.writeThrough ?? false,
    metadataTime: options.metadataTime ?? 120_000,
    timeout: options.timeout ?? 30_000,
    maxBytes: options.maxBytes ?? 5e9,
    hardMaxBytes: options.hardMaxBytes ?? 1e10,
    writePatience: options.writePatience ?? 30_000,
    uploads: options.uploads ?? 64,
    prefetch: options.prefetch ?? true,
    inlineBytes: options.inlineBytes ?? 32 << 10,
    host: options.host ?? hostname(),
    fileMode: options.fileMode ?? 0o644,
    directoryMode: options.directoryMode ?? 0o755,
    strictPosix: options.strictPosix ?? false,
    uid: options.uid ?? process.getuid?.() ?? 0,
    gid: options.gid ?? process.getgid?.() ?? 0,
  };
}

/** Fills a line of 1 Gbit/s with a round trip of 500 ms. */
const mostReadAhead = 64 << 20;

/** Bytes that are fetched in advance of one reader at the most: no large part of the cache. */
export function readAheadOf({ maxBytes }: CacheSettings): number {
  return Math.min(mostReadAhead, Math.floor(maxBytes / 8));
}

/** What travels, and the pause between two answers, in milliseconds. */
const feedMargin = 5_000;
const longestFeedWait = 240_000;

/** Milliseconds for which a store waits for changes: when it answers that there were none, the listings are still believed. */
export function feedWaitOf({ metadataTime }: CacheSettings): number {
  return Math.min(longestFeedWait, Math.max(0, metadataTime - feedMargin));
}

const feedIntervals = { shortest: 500, longest: 30_000 } as const;

/** Milliseconds between two looks at what the store tells of changes: well within the time for which listings are believed. */
export function feedIntervalOf({ metadataTime }: CacheSettings): number {
  return Math.min(feedIntervals.longest, Math.max(feedIntervals.shortest, metadataTime / 4));
}
