import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { LogLevel } from '../config/options.ts';
import { CommandError } from './command-error.ts';
import type { DaemonOptions } from './daemon/daemon-options.ts';

/** The options of `mount` as the command line gives them. */
export interface MountFlags {
  readonly config?: string;
  readonly log?: LogLevel;
  readonly allowOther?: boolean;
  readonly profile?: boolean;
  readonly readOnly?: boolean;
  readonly source?: string;
}

/** What the flags ask of a daemon. Throws `CommandError` when the configuration file cannot be read. */
export async function daemonOptionsOf(
  mountPoint: string,
  { config, log, allowOther, profile, readOnly, source }: MountFlags,
  notice: (text: string) => void,
): Promise<DaemonOptions> {
  const file = config === undefined ? undefined : resolve(config);
  return {
    mountPoint,
    text: file === undefined ? undefined : await configurationText(file),
    baseDirectory: file === undefined ? undefined : dirname(file),
    log,
    allowOther,
    profile,
    readOnly,
    source,
    notice,
  };
}

/** The flags as arguments that mean the same from any directory. */
export function resolvedFlags(
  mountPoint: string,
  { config, log, allowOther, profile, readOnly, source }: MountFlags,
): string[] {
  return [
    ...(config === undefined ? [] : ['--config', resolve(config)]),
    ...(log === undefined ? [] : ['--log', log]),
    ...(allowOther === true ? ['--allow-other'] : []),
    ...(profile === true ? ['--profile'] : []),
    ...(readOnly === true ? ['--read-only'] : []),
    ...(source === undefined ? [] : ['--source', source]),
    '--',
    resolve(mountPoint),
  ];
}

async function configurationText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'you may not read it'
          : code === 'EISDIR'
            ? 'it is a directory'
            : String(code);
    throw new CommandError('configuration', `the configuration ${file} cannot be read: ${why}`, { cause });
  }
}
