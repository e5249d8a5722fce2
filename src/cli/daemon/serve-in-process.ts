import { exitCodes } from '../exit-codes.ts';
import { failureOf } from '../failure.ts';
import { remainderText } from '../remainder-text.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { MountDaemon } from './mount-daemon.ts';

/** What `serveInProcess` tells its caller. */
export interface ServeHooks {
  /** The mount works. The function that comes back is called when it begins to stop. */
  readonly onReady: (daemon: MountDaemon) => () => void;
  /** Something a person should read. */
  readonly say: (text: string) => void;
}

/**
 * Serves a mount in this process until it ends. SIGINT, SIGTERM and SIGHUP stop it cleanly; the second one ends the process at
 * once, which loses nothing that was acknowledged either. An error that nobody expected is logged, and stops it too. Throws what
 * `MountDaemon.start` throws.
 */
export async function serveInProcess(options: DaemonOptions, { onReady, say }: ServeHooks): Promise<void> {
  const daemon = await startUninterrupted(options);
  const leave = onReady(daemon);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(exitCodes.interrupted);
    stopping = true;
    leave();
    if (signal === 'SIGINT') say('Stopping. Press Ctrl-C again to end at once.');
    daemon.end().catch((error: unknown) => {
      stopping = false;
      say(failureOf(error).message);
    });
  };
  const fail = (error: unknown): void => {
    say(`unexpected: ${daemon.logUnexpected(error)}`);
    process.exitCode = exitCodes.failed;
    stop('SIGTERM');
  };
  for (const signal of signals) process.on(signal, stop);
  process.on('uncaughtException', fail);
  try {
    const remainder = await daemon.finished;
    leave();
    say(remainderText(remainder));
  } finally {
    for (const signal of signals) process.off(signal, stop);
    process.off('uncaughtException', fail);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal while the mount is being made ends the process; the guard of the mount cleans up. */
async function startUninterrupted(options: DaemonOptions): Promise<MountDaemon> {
  const interrupt = (): void => process.exit(exitCodes.interrupted);
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await MountDaemon.start(options);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
