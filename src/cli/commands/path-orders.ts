import type { Command } from 'commander';
import { plural } from '../../config/amounts.ts';
import { giveOrder } from '../give-order.ts';
import { findPathInMount } from '../path-in-mount.ts';
import { print } from '../terminal.ts';

/** `cloudfusion retry`, `cloudfusion cancel` and `cloudfusion prioritise`: orders about a path inside a mount. */
export function addPathOrders(program: Command): void {
  add(program, 'retry', 'send what failed or was cancelled now', 'to be sent now');
  add(
    program,
    'cancel',
    'hold the upload of a file until "retry"; its data stays here',
    'held until "cloudfusion retry"',
  );
  add(program, 'prioritise', 'send a file or a directory next, ahead of its delay', 'to be sent next');
}

function add(program: Command, kind: 'retry' | 'cancel' | 'prioritise', description: string, done: string): void {
  program
    .command(kind)
    .description(description)
    .argument('<path>', 'a file or directory below "data" of a mount')
    .addHelpText('after', `\nExample:\n  cloudfusion ${kind} ~/files/data/film.mkv`)
    .action(async (given: string) => {
      const { control, path } = await findPathInMount(given);
      print(`${plural(await giveOrder(control, { kind, path }, given), 'change')} ${done}.`);
    });
}
