import type { Command } from 'commander';
import { findMount } from '../find-mount.ts';
import { queueText } from '../queue-text.ts';
import { print } from '../terminal.ts';

/** `cloudfusion queue`. */
export function addQueue(program: Command): void {
  program
    .command('queue')
    .description('list what waits to be sent, and why')
    .argument('<mountpoint>')
    .option('--json', 'print it as JSON, sizes in bytes and times in milliseconds since the epoch')
    .addHelpText('after', '\nExamples:\n  cloudfusion queue ~/files\n  cloudfusion queue --json ~/files')
    .action(async (mountPoint: string, { json }: { json?: boolean }) => {
      const { control } = await findMount(mountPoint);
      const report = await control.queue();
      print(json === true ? JSON.stringify(report, undefined, 2) : queueText(report, Date.now()));
    });
}
