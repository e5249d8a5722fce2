import { Command, CommanderError } from 'commander';
import { addLogin } from './commands/login-command.ts';
import { addMount } from './commands/mount-command.ts';
import { addPathOrders } from './commands/path-orders.ts';
import { addPause } from './commands/pause-command.ts';
import { addQueue } from './commands/queue-command.ts';
import { addServe } from './commands/serve-command.ts';
import { addStart } from './commands/start-command.ts';
import { addStatus } from './commands/status-command.ts';
import { addStop } from './commands/stop-command.ts';
import { addSync } from './commands/sync-command.ts';
import { addUuid } from './commands/uuid-command.ts';
import { addVersion } from './commands/version-command.ts';
import { exitCodes } from './exit-codes.ts';
import { failureOf } from './failure.ts';
import { translateOriginalForm } from './original-forms.ts';
import { version } from './package-version.ts';
import { tell } from './terminal.ts';

/** Runs the command that the arguments ask for; the exit status. */
export async function run(args: readonly string[]): Promise<number> {
  const program = commandLine();
  const commands = [...program.commands.flatMap((command) => [command.name(), ...command.aliases()]), 'help'];
  try {
    await program.parseAsync(translateOriginalForm(args, commands), { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    // It has printed what it had to say. Help that was asked for is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { reason, message } = failureOf(error);
    tell(`cloudfusion: ${message}`);
    return exitCodes[reason];
  }
}

function commandLine(): Command {
  const program = new Command('cloudfusion')
    .description('Use cloud storage like a local disk.')
    .version(version(), '-V, --version', 'print the version')
    .showHelpAfterError('Try "cloudfusion --help".')
    .exitOverride()
    .addHelpText('after', examples);
  const inOrder = [addMount, addStop, addSync, addStatus, addQueue, addPause, addPathOrders];
  for (const add of [...inOrder, addLogin, addStart, addUuid, addVersion, addServe]) add(program);
  return program;
}

const examples = `
Examples:
  cloudfusion mount --config files.ini ~/files    mount in the background
  cloudfusion status ~/files                      what it does, and what waits for upload
  cloudfusion sync ~/files                        upload everything now, and wait
  cloudfusion queue ~/files                       what waits for upload, and why
  cloudfusion pause --for 2h ~/files              upload nothing for two hours
  cloudfusion stop ~/files                        end the mount

As ever: cloudfusion [--config FILE] MOUNTPOINT [foreground] [log] [profile]
         cloudfusion MOUNTPOINT stop

Exit status: 0 done, 1 failed, 2 wrong arguments, 3 wrong configuration, 4 cannot mount, 5 not mounted,
6 the store refused, 7 cache in use, 8 mount in use, 130 ended by a second Ctrl-C.`;
