/** What the exit status of the command says. Scripts rely on these numbers: they never change their meaning. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** It was tried and failed, such as a file that could not be sent. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** The configuration was refused. */
  configuration: 3,
  /** The mount could not be made: no FUSE, no permission, or an unfit mount point. */
  cannotMount: 4,
  /** There is no mount of CloudFusion at the mount point, or its process is dead. */
  notMounted: 5,
  /** The service refused the login, or the store could not be opened. */
  store: 6,
  /** Another process uses the same cache. */
  busy: 7,
  /** Programs use the mount, so it was not taken away. */
  inUse: 8,
  /** Ended by a second Ctrl-C (128 and SIGINT, as shells count). */
  interrupted: 130,
} as const;

/** Why a command ended, by the name of its exit status. */
export type ExitReason = keyof typeof exitCodes;
