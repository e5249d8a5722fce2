import type { LogLevel } from '../../config/options.ts';

/** Options of `MountDaemon`. */
export interface DaemonOptions {
  readonly mountPoint: string;
  /** The text of the first configuration; without one the mount waits for `config/config`. */
  readonly text?: string | undefined;
  /** What relative paths in configurations are relative to. */
  readonly baseDirectory?: string | undefined;
  /** Wins over the configuration. */
  readonly allowOther?: boolean | undefined;
  readonly log?: LogLevel | undefined;
  readonly profile?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  /** What the mount table shows as the source. @default "cloudfusion" */
  readonly source?: string | undefined;
  /** Where the log goes. @default a file in the cache directory */
  readonly writeLog?: ((line: string) => void) | undefined;
  /** Told of what a person should read while the mount begins. */
  readonly notice: (text: string) => void;
}
