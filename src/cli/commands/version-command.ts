import type { Command } from 'commander';
import { version } from '../package-version.ts';
import { print } from '../terminal.ts';

/** `cloudfusion version`. */
export function addVersion(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .action(() => print(version()));
}
