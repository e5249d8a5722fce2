import { type Command, InvalidArgumentError } from 'commander';
import { findMount } from '../find-mount.ts';
import { synchronize } from '../synchronize.ts';
import { print } from '../terminal.ts';

/** `cloudfusion sync`. */
export function addSync(program: Command): void {
  program
    .command('sync')
    .description('upload everything now, and wait for it')
    .argument('<mountpoint>')
    .option('-t, --timeout <seconds>', 'give up waiting after this time', secondsFrom)
    .addHelpText(
      'after',
      '\nExamples:\n  cloudfusion sync ~/files\n  cloudfusion sync --timeout 60 ~/files || echo not yet',
    )
    .action(async (mountPoint: string, { timeout }: { timeout?: number }) => {
      const { control } = await findMount(mountPoint);
      await synchronize(control, timeout === undefined ? undefined : timeout * 1000);
      print('Everything is uploaded.');
    });
}

function secondsFrom(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds < 2 ** 31 / 1000)) throw new InvalidArgumentError('It is a number of seconds above 0.');
  return seconds;
}
