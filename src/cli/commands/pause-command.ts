import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../duration.ts';
import { findMount } from '../find-mount.ts';
import { giveOrder } from '../give-order.ts';
import { pauseText } from '../queue-text.ts';
import { print } from '../terminal.ts';

/** `cloudfusion pause` and `cloudfusion resume`. */
export function addPause(program: Command): void {
  program
    .command('pause')
    .description('send nothing until "resume", also over a restart')
    .argument('<mountpoint>')
    .option('--for <duration>', 'go on by itself after this time: 90s, 30m, 2h, 1d', durationFrom)
    .addHelpText('after', '\nExamples:\n  cloudfusion pause ~/files\n  cloudfusion pause --for 2h ~/files')
    .action(async (mountPoint: string, options: { for?: number }) => {
      const { control } = await findMount(mountPoint);
      await giveOrder(control, { kind: 'pause', for: options.for }, mountPoint);
      const now = Date.now();
      print(pauseText(options.for === undefined ? null : now + options.for, now));
    });
  program
    .command('resume')
    .description('end a pause')
    .argument('<mountpoint>')
    .action(async (mountPoint: string) => {
      const { control } = await findMount(mountPoint);
      await giveOrder(control, { kind: 'resume' }, mountPoint);
      print('Uploads go on.');
    });
}

function durationFrom(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError('It is a time such as 90s, 30m, 2h or 1d.');
  return milliseconds;
}
