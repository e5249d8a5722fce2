import type { Timetable } from '../http/timetable.ts';
import type { LogLevel } from './options.ts';

/** A configuration that was checked: what `openStore` opens. It holds secrets: never print it. */
export interface Configuration {
  /** The name of the provider. */
  readonly store: string;
  /** What the provider asked for, by the keys of the configuration file (`user`, `id`, `secret`, ...). */
  readonly settings: Readonly<Record<string, string>>;
  /** When the login ends by itself, in milliseconds since the epoch; undefined: nobody knows of an end. */
  readonly loginExpires: number | undefined;
  /** Stands for the service and the account, without secrets: a cache belongs to one of these for good. */
  readonly account: string;
  /** Directory of this account's cache, absolute. */
  readonly cacheDirectory: string;
  /** From the last change of a file to its upload, in milliseconds. */
  readonly uploadDelay: number;
  /** Whether closing a file waits until the service has it. */
  readonly writeThrough: boolean;
  /** For which a listing is believed, in milliseconds. */
  readonly metadataTime: number;
  /** After which a service that does not answer is not waited for any longer, in milliseconds. */
  readonly timeout: number;
  /** How fast is uploaded and downloaded, by time of the week; empty: as fast as the line is. */
  readonly uploadLimit: Timetable;
  readonly downloadLimit: Timetable;
  /** Bytes to which clean content is kept. */
  readonly maxBytes: number;
  /** Bytes above which writing is refused. */
  readonly hardMaxBytes: number;
  /** Whether the next small files of a directory are fetched in advance. */
  readonly prefetch: boolean;
  /** Owner of what comes from the store; undefined: the user of the process. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Permission bits of files and directories of which the store tells none. */
  readonly fileMode: number;
  readonly directoryMode: number;
  /** Whether modes, owners and attributes that the store cannot keep are refused. */
  readonly strictPosix: boolean;
  /** Whether other users may use the mount. */
  readonly allowOther: boolean;
  /** Whether the kernel may read and write cached files by itself. */
  readonly passthrough: boolean;
  readonly log: LogLevel | undefined;
  /** Whether a CPU profile is written when the mount ends. */
  readonly profile: boolean;
}
