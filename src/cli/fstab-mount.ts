import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';
import { mountArguments } from './fstab-options.ts';
import { run } from './program.ts';
import { tell } from './terminal.ts';

/** mount(8), "EXIT STATUS". */
const mountStatus = { done: 0, usage: 1, failure: 32 } as const;

/**
 * `mount.cloudfusion`, which mount(8) runs for file systems of the type `cloudfusion`, so for lines of fstab(5) too:
 *
 *     mount.cloudfusion CONFIGURATION MOUNTPOINT [-sfnv] [-o OPTIONS]
 *
 * The source is the path of a configuration file. The exit status is of mount(8).
 */
export async function runFstabMount(args: readonly string[]): Promise<number> {
  try {
    const command = mountCommand(args);
    const status = command === undefined ? exitCodes.ok : await run(command);
    return status === exitCodes.ok
      ? mountStatus.done
      : status === exitCodes.usage
        ? mountStatus.usage
        : mountStatus.failure;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    tell(`mount.cloudfusion: ${error.message}`);
    return mountStatus.usage;
  }
}

/** The arguments of `cloudfusion`; undefined when nothing is to be mounted (`-f`). Throws `CommandError`. */
export function mountCommand(args: readonly string[]): string[] | undefined {
  const { values, positionals } = parsed(args);
  const [source, mountPoint, ...rest] = positionals;
  if (source === undefined || mountPoint === undefined || rest.length > 0)
    throw new CommandError('usage', 'usage: mount -t cloudfusion CONFIGURATION MOUNTPOINT [-o OPTIONS]');
  if (!isAbsolute(source))
    throw new CommandError('usage', `the source is the absolute path of a configuration file, not "${source}"`);
  const options = mountArguments([...(values.o ?? []), ...(values.r === true ? ['ro'] : [])].join(','));
  if (values.f === true) return undefined;
  return ['mount', '--config', source, '--source', source, ...options, '--', mountPoint];
}

function parsed(args: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(args);
  } catch (error) {
    throw new CommandError('usage', error instanceof Error ? error.message : String(error));
  }
}

function parse(args: readonly string[]): {
  values: { o?: string[] | undefined; f?: boolean | undefined; r?: boolean | undefined };
  positionals: string[];
} {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      o: { type: 'string', short: 'o', multiple: true },
      f: { type: 'boolean', short: 'f' },
      s: { type: 'boolean', short: 's' },
      n: { type: 'boolean', short: 'n' },
      v: { type: 'boolean', short: 'v' },
      r: { type: 'boolean', short: 'r' },
      w: { type: 'boolean', short: 'w' },
      N: { type: 'string', short: 'N' },
      t: { type: 'string', short: 't' },
    },
  });
}
