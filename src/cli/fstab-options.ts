import { ownValue } from '../store/own-value.ts';
import { logLevels } from '../config/options.ts';
import { suggestionFor } from '../config/closest-word.ts';
import { CommandError } from './command-error.ts';

/** Options that mount(8), systemd or nobody acts on, and those that every FUSE mount has: nothing to do. */
const idle: ReadonlySet<string> = new Set(
  [
    'defaults rw exec nosuid nodev async atime noatime relatime norelatime nodiratime',
    'auto noauto user nouser users owner group nofail _netdev silent loud',
  ].flatMap((words) => words.split(' ')),
);

/** Options as the words of `cloudfusion mount`. */
const words: Readonly<Record<string, readonly string[]>> = {
  ro: ['--read-only'],
  allow_other: ['--allow-other'],
  profile: ['--profile'],
};

/**
 * The fourth column of a line of fstab(5) as arguments of `cloudfusion mount`. Throws `CommandError` for what is not known or cannot be
 * had, because a mount that silently lacks an option is not what was asked for.
 */
export function mountArguments(options: string): string[] {
  return options.split(',').flatMap((option) => {
    if (option === '' || idle.has(option) || /^(?:x-|X-|comment=)/.test(option)) return [];
    const level = /^log=(.*)$/.exec(option)?.[1];
    if (level !== undefined) return ['--log', level];
    const known = ownValue(words, option);
    if (known !== undefined) return known;
    const candidates = [...Object.keys(words), ...idle, ...logLevels.map((name) => `log=${name}`)];
    throw new CommandError('usage', `unknown option "${option}"${suggestionFor(option, candidates)}`);
  });
}
