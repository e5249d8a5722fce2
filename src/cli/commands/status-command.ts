import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { findMount } from '../find-mount.ts';
import { statusText } from '../status-text.ts';
import { print } from '../terminal.ts';

const refresh = 1000;

/** `cloudfusion status`. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show what a mount does, and what waits for upload')
    .argument('<mountpoint>')
    .option('--json', 'print all figures as JSON, sizes in bytes and times in milliseconds')
    .option('-w, --watch', 'show it again every second until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  cloudfusion status ~/files\n  cloudfusion status --json ~/files\n  cloudfusion status --watch ~/files',
    )
    .action(async (mountPoint: string, { json, watch }: { json?: boolean; watch?: boolean }) => {
      const { control } = await findMount(mountPoint);
      for (;;) {
        const report = await control.status();
        const clear = watch === true && process.stdout.isTTY ? '\u001B[H\u001B[2J' : '';
        print(
          clear +
            (json === true
              ? JSON.stringify(report, undefined, watch === true ? undefined : 2)
              : statusText(report, Date.now())),
        );
        if (watch !== true) return;
        await sleep(refresh);
      }
    });
}
