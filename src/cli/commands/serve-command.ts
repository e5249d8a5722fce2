import type { Command } from 'commander';
import type { StartMessage } from '../daemon/control-protocol.ts';
import { failureOf } from '../failure.ts';
import { daemonOptionsOf, type MountFlags } from '../mount-flags.ts';
import { tell } from '../terminal.ts';
import { addMountFlags } from './mount-command.ts';

/** What `mount` runs in the background: it tells its parent how it went, and goes on alone. */
export function addServe(program: Command): void {
  addMountFlags(program.command('serve', { hidden: true }).argument('<mountpoint>')).action(
    async (mountPoint: string, flags: MountFlags) => {
      try {
        const options = await daemonOptionsOf(mountPoint, flags, (text) => report({ kind: 'notice', text }));
        // The directory it was started from can be unmounted or removed.
        process.chdir('/');
        const { serveInProcess } = await import('../daemon/serve-in-process.ts');
        await serveInProcess(options, {
          say: tell,
          onReady: ({ mountPoint, control }) => {
            const store = control.configurationInForce?.store;
            const waiting = control.store?.cache.statistics().pendingChanges ?? 0;
            report({ kind: 'ready', mountPoint, store, waiting });
            return () => undefined;
          },
        });
      } catch (error) {
        report({ kind: 'failed', ...failureOf(error) });
        throw error;
      }
    },
  );
}

/** The parent leaves as soon as it knows enough. */
function report(message: StartMessage): void {
  if (process.connected) process.send?.(message, () => undefined);
}
