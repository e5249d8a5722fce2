import { type Command, Option } from 'commander';
import { logLevels } from '../../config/options.ts';
import { startInBackground } from '../background.ts';
import { restartWithHeapFlags } from '../heap-flags.ts';
import { plural } from '../../config/amounts.ts';
import { type MountFlags, daemonOptionsOf, resolvedFlags } from '../mount-flags.ts';
import { print, tell } from '../terminal.ts';

/** `cloudfusion mount`. */
export function addMount(program: Command): void {
  addMountFlags(
    program
      .command('mount')
      .description('mount a store as a directory')
      .argument('<mountpoint>', 'an empty directory; made if its parent exists'),
  )
    .option('-f, --foreground', 'stay attached to the terminal')
    .addHelpText(
      'after',
      `
Without --config the mount begins empty: write a configuration to MOUNTPOINT/config/config, which shows an example.

Examples:
  cloudfusion mount --config files.ini ~/files
  cloudfusion mount ~/files && cp files.ini ~/files/config/config
  cloudfusion mount --config files.ini --foreground --log debug ~/files`,
    )
    .action(async (mountPoint: string, flags: MountFlags & { foreground?: boolean }) => {
      if (flags.foreground === true) {
        restartWithHeapFlags();
        await mountInForeground(mountPoint, flags);
      } else await mountInBackground(mountPoint, flags);
    });
}

/** The options that `mount` shares with the process that serves it. */
export function addMountFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration')
    .addOption(new Option('-l, --log <level>', 'how much is logged').choices(logLevels))
    .option('--allow-other', 'let other users of this computer use the mount')
    .option('--read-only', 'programs may change nothing')
    .addOption(new Option('--source <text>', 'what the mount table shows as the source').hideHelp())
    .option('--profile', 'write a CPU profile into the cache directory when the mount ends');
}

// What serves a mount is loaded by who serves one: the other commands are quicker without.
async function mountInForeground(mountPoint: string, flags: MountFlags): Promise<void> {
  const options = await daemonOptionsOf(mountPoint, flags, tell);
  const writeLog = (line: string): void => void process.stderr.write(line);
  const { serveInProcess } = await import('../daemon/serve-in-process.ts');
  await serveInProcess(
    { ...options, writeLog },
    {
      say: tell,
      onReady: (daemon) => {
        print(`Mounted on ${daemon.mountPoint}. Ctrl-C stops it.`);
        return () => undefined;
      },
    },
  );
}

async function mountInBackground(mountPoint: string, flags: MountFlags): Promise<void> {
  const ready = await startInBackground(['serve', ...resolvedFlags(mountPoint, flags)], tell);
  print(`Mounted on ${ready.mountPoint}.`);
  if (ready.store === undefined)
    print(`It is not configured: write a configuration to ${ready.mountPoint}/config/config, which shows an example.`);
  if (ready.waiting > 0) print(`Still to be sent from before: ${plural(ready.waiting, 'change')}.`);
}
