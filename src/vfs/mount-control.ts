/** What the control files of a mount show and do; the daemon behind them implements it. */
export interface MountControl {
  /** The text of `config/config`: the configuration in force, or a commented example. Secrets are masked. */
  configuration(): string;
  /**
   * Puts a new configuration in force, whole or not at all. Rejects with an error whose message names what is wrong; by then
   * `errors()` tells it too.
   */
  configure(text: string): Promise<void>;
  /** Ends the mount soon, as when `config/config` is deleted. What is not uploaded stays in the cache. */
  stop(): void;
  /** The text of `stats/stats`, `stats/errors` and `stats/notuploaded`, as of now. */
  statistics(): string;
  errors(): string;
  notUploaded(): string;
}
