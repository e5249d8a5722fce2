import { resolve } from 'node:path';
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
    .option('-f, --force', 'also when programs use it: they have five seconds to finish, then they lose it')
    .addHelpText('after', '\nExamples:\n  cloudfusion stop ~/files\n  cloudfusion stop --wait ~/files')
    .action(async (given: string, { wait, force }: { wait?: boolean; force?: boolean }) => {
      const mountPoint = resolve(given);
      // From inside of the mount this command would be a user of it.
      process.chdir('/');
      const found = await lookForMount(mountPoint);
      if (found.kind === 'none') throw new CommandError('notMounted', `${found.mountPoint}: ${found.why}`);
      if (found.kind === 'dead') {
        await unmountPath(found.mountPoint, { lazy: true });
        print(`${found.mountPoint}: the process of this mount had died; the mount is removed.`);
        return;
      }
      if (wait === true) await synchronize(found.control);
      await stop(found, force === true);
    });
}

async function stop({ mountPoint, control }: FoundMount, force: boolean): Promise<void> {
  let last: StopMessage | undefined;
  for await (const message of control.stop({ force })) last = message;
  if (last?.kind === 'inUse')
    throw new CommandError('inUse', `${last.message}\nEnd them, or detach the mount with "cloudfusion stop --force".`);
  if (last?.kind === 'failed') throw new CommandError('failed', last.message);
  if (last?.kind !== 'stopped') throw new CommandError('failed', `${mountPoint}: the mount ended without a word`);
  print(remainderText(last));
}
