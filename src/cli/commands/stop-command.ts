import type { Command } from 'commander';
import { unmountPath } from '../../fuse/unmount.ts';
import { CommandError } from '../command-error.ts';
import type { StopMessage } from '../daemon/control-protocol.ts';
import { type FoundMount, lookForMount } from '../find-mount.ts';
import { remainderText } from '../remainder-text.ts';
import { synchronize } from '../synchronize.ts';
import { print } from '../terminal.ts';

/** `cloudfusion stop`. */
export function addStop(program: Command): void {
  program
    .command('stop')
    .description('end a mount; what is not uploaded stays in the cache')
    .argument('<mountpoint>')
    .option('-w, --wait', 'upload everything first')
    .addHelpText('after', '\nExamples:\n  cloudfusion stop ~/files\n  cloudfusion stop --wait ~/files')
    .action(async (mountPoint: string, { wait }: { wait?: boolean }) => {
      const found = await lookForMount(mountPoint);
      if (found.kind === 'none') throw new CommandError('notMounted', `${found.mountPoint}: ${found.why}`);
      if (found.kind === 'dead') {
        await unmountPath(found.mountPoint, { lazy: true });
        print(`${found.mountPoint}: the process of this mount had died; the mount is removed.`);
        return;
      }
      if (wait === true) await synchronize(found.control);
      await stop(found);
    });
}

async function stop({ mountPoint, control }: FoundMount): Promise<void> {
  let last: StopMessage | undefined;
  for await (const message of control.stop()) last = message;
  if (last?.kind === 'failed') throw new CommandError('failed', last.message);
  if (last?.kind !== 'stopped') throw new CommandError('failed', `${mountPoint}: the mount ended without a word`);
  print(remainderText(last));
}
