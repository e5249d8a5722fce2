import type { Command } from 'commander';
import { print } from '../terminal.ts';
import { proposeBucketName } from '../bucket-name.ts';

/** `cloudfusion uuid`. */
export function addUuid(program: Command): void {
  program
    .command('uuid')
    .description('propose a name for a bucket that nobody else has')
    .action(() => print(proposeBucketName()));
}
